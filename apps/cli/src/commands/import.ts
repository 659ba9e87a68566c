// `dreamgraph import`: a flow of ComfyUI, from its file or from a picture that it saved, as a workflow of ours.
import { readFile } from 'node:fs/promises'
import { basename, extname, resolve } from 'node:path'
import {
  type ComfyJson,
  flowOfTexts,
  type ImportedWorkflow,
  importComfy,
  parseComfy,
  type ReportEntry,
} from '@dreamgraph/comfy'
import { describeCatalogue, printWorkflow } from '@dreamgraph/graph'
import { isPng, nodeCatalogue, readPictureRecord, readPngTexts } from '@dreamgraph/nodes'
import { writeFileAtomic } from '@dreamgraph/store'
import { Command, Option } from 'commander'
import { CliError } from '../errors.js'
import { jsonOption } from '../options.js'
import { printJson } from '../progress/json-lines.js'
import { readText } from '../read-text.js'
import { columns } from '../table.js'

interface Options {
  readonly out?: string
  readonly model?: string
  readonly json?: boolean
}

export function importCommand(): Command {
  return new Command('import')
    .description('turn a workflow or a picture of ComfyUI into a workflow, and tell what became of each node')
    .argument('<file>', 'workflow file or API prompt (JSON), or a PNG that ComfyUI saved')
    .addOption(new Option('-o, --out <file>', 'where to write the workflow').default(undefined, 'stdout'))
    .addOption(new Option('--model <name>', 'default of its input "model": a name or a folder'))
    .addOption(jsonOption('print one JSON object {out, workflow, report}'))
    .addHelpText('after', help)
    .action(importFlow)
}

const help = `
Each line of the report says what became of one node: mapped (the same here), guessed (something like it; the line says
what differs) or refused (left out; the line says why, and what would be imported). With --out the report is printed,
without it the workflow, and the report goes to stderr.

Nothing is downloaded: models are an input by name, and pictures are looked for beside the workflow. Tokens that a file
holds are left out. A flow is imported even where parts of it are refused.

Exit code 0: imported. 2: not a file of ComfyUI, or nothing in it can be imported.

Examples:
  $ dreamgraph import dreamo_comfyui_v1.1.json -o flow.json
  $ dreamgraph import ComfyUI_00042_.png -o flow.json --model ~/models/FLUX.1-dev
  $ dreamgraph import flow.json --json | jq -r '.report[] | select(.kind == "refused") | .why'
  $ dreamgraph run flow.json --input prompt="a cat [ref#1] on a roof" --input reference1=cat.png
`

async function importFlow(file: string, { out, model, json }: Options): Promise<void> {
  if (out !== undefined && resolve(out) === resolve(file)) {
    throw new CliError('cli/usage', `--out: expected another file than the one to import, got ${out}`)
  }
  const { value, layout } = await readFlow(file)
  const name = basename(file, extname(file))
  const imported = importComfy(value, describeCatalogue(nodeCatalogue), { name, model, layout })
  const text = printWorkflow(imported.workflow)
  if (out !== undefined) await writeFileAtomic(out, text)
  if (json) printJson({ ...(out !== undefined && { out }), workflow: imported.workflow, report: imported.report })
  else tell(imported, { file, out, text })
}

interface Told {
  readonly file: string
  readonly out: string | undefined
  readonly text: string
}

function tell({ workflow, report }: ImportedWorkflow, { file, out, text }: Told): void {
  const count = (kind: ReportEntry['kind']) => `${report.filter((entry) => entry.kind === kind).length} ${kind}`
  const inputs = Object.keys(workflow.inputs ?? {}).join(', ')
  const lines = [
    ...columns(report.map((entry) => [entry.kind, entry.node, entry.class, entry.what, entry.why])),
    `${file}: ${count('mapped')}, ${count('guessed')}, ${count('refused')}; inputs ${inputs || 'none'}`,
    ...(out === undefined ? [] : [`written ${out}`]),
  ]
  const stream = out === undefined ? process.stderr : process.stdout
  for (const line of lines) stream.write(`${line}\n`)
  if (out === undefined) process.stdout.write(text)
}

async function readFlow(file: string): Promise<{ value: ComfyJson; layout?: ComfyJson }> {
  if (!(await beginsAsPng(file)))
    return { value: parseComfy(await readText(file, 'a workflow file, a prompt or a PNG')) }
  const bytes = await readFile(file)
  const flow = flowOfTexts(readPngTexts(bytes))
  if (flow) return flow
  const isOurs = readPictureRecord(bytes) !== undefined
  const hint = isOurs ? 'this picture was saved by dreamgraph; `dreamgraph verify` runs its workflow again' : undefined
  throw new CliError(
    'cli/record-missing',
    `${file}: expected a picture that ComfyUI saved with its workflow, got none in it`,
    { hint },
  )
}

async function beginsAsPng(file: string): Promise<boolean> {
  // A file that cannot be read is reported by whoever reads it as text.
  const bytes = await readFile(file).catch(() => undefined)
  return bytes !== undefined && isPng(bytes)
}
