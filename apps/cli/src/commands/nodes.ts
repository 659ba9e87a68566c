// `dreamgraph nodes`: what nodes there are, and what one of them takes and gives.
import { describeCatalogue, type NodeDescription, type PortDescription } from '@dreamgraph/graph'
import { Command } from 'commander'
import { withCatalogue } from '../bench.js'
import { CliError } from '../errors.js'
import { jsonOption, packOption } from '../options.js'
import { printJson } from '../progress/json-lines.js'
import { columns } from '../table.js'

export function nodesCommand(): Command {
  return new Command('nodes')
    .description('list the node types, or describe one')
    .argument('[type]', 'node type such as dreamo/sample, or an area such as image')
    .addOption(packOption())
    .addOption(jsonOption('print JSON: the list of node descriptions'))
    .addHelpText('after', examples)
    .action(nodes)
}

const examples = `
Examples:
  $ dreamgraph nodes
  $ dreamgraph nodes image
  $ dreamgraph nodes dreamo/encode-reference
  $ dreamgraph nodes posterize --pack examples/packs/posterize
  $ dreamgraph nodes --json | jq -r '.[].type'
`

interface NodesOptions {
  readonly pack: readonly string[]
  readonly json?: boolean
}

async function nodes(type: string | undefined, { pack, json }: NodesOptions): Promise<void> {
  const { nodes: known } = await withCatalogue(pack, describeCatalogue)
  const all = known.toSorted((a, b) => (a.type < b.type ? -1 : 1))
  const one = all.find((node) => node.type === type || (type !== undefined && node.aliases.includes(type)))
  const shown = one ? [one] : all.filter((node) => type === undefined || node.type.startsWith(`${type}/`))
  if (shown.length === 0) {
    const hint = '`dreamgraph nodes` lists them all'
    throw new CliError('cli/usage', `nodes: expected a node type or an area, got "${type}"`, { hint })
  }
  if (json) printJson(shown)
  else for (const line of one ? describe(one) : list(shown)) process.stdout.write(`${line}\n`)
}

function list(nodes: readonly NodeDescription[]): string[] {
  return columns(nodes.map(({ type, title, description }) => [type, firstSentence(description) || title]))
}

function describe({ type, version, title, description, inputs, params, outputs, effect }: NodeDescription): string[] {
  const section = (name: string, rows: string[][]): string[] =>
    rows.length === 0 ? [] : ['', `${name}:`, ...columns(rows).map((line) => `  ${line}`)]
  return [
    `${type} (version ${version}): ${title}`,
    ...(description ? [description] : []),
    ...(effect ? ['Runs every time: it changes something outside the flow.'] : []),
    ...section('inputs', inputs.map(portRow)),
    ...section(
      'params',
      params.map((param) => [param.name, param.kind, ruleOf(param), param.description || param.title]),
    ),
    ...section('outputs', outputs.map(portRow)),
  ]
}

function portRow({ name, type, list, many, optional, description, title }: PortDescription): string[] {
  const kind = list ? `list<${type}>` : type
  const traits = [...(many ? ['any number'] : []), ...(optional ? ['optional'] : [])].join(', ')
  return [name, kind, traits, description || title]
}

/** `1 … 100, default 12` */
function ruleOf({ default: byDefault, options }: NodeDescription['params'][number]): string {
  const { min, max, choices } = options
  const range = min === undefined && max === undefined ? '' : `${min ?? ''} … ${max ?? ''}`.trim()
  const words = Array.isArray(choices) ? choices.join(' | ') : ''
  const start = byDefault === undefined ? 'required' : `default ${JSON.stringify(byDefault)}`
  return [range, words, start].filter((part) => part !== '').join(', ')
}

const firstSentence = (text: string): string => /^.*?[.](?=\s|$)/s.exec(text)?.[0] ?? text
