// `dreamgraph explain`: what a run would compute, what it would take from the cache, and why.

import { dirname } from 'node:path'
import type { NodeForecast } from '@dreamgraph/nodes'
import { Command, Option } from 'commander'
import { type BenchOptions, withWorkbench } from '../bench.js'
import { loadWorkflow } from '../load-workflow.js'
import { deviceOption, inputHelp, inputOption, jsonOption, packOption } from '../options.js'
import { WorkflowInvalid } from '../problems.js'
import { printJson } from '../progress/json-lines.js'
import { columns } from '../table.js'

interface ExplainOptions extends BenchOptions {
  readonly input: readonly string[]
  readonly to: readonly string[]
  readonly json?: boolean
}

export function explainCommand(): Command {
  return new Command('explain')
    .description('say for every node whether it would run or come from the cache, and why')
    .argument('<file>', 'workflow file')
    .addOption(inputOption())
    .addOption(new Option('--to <node...>', 'explain a run of only these nodes').default([], 'everything'))
    .addOption(deviceOption())
    .addOption(packOption())
    .addOption(jsonOption('print one JSON object {nodes, models}'))
    .addHelpText('after', inputHelp + examples)
    .action(explain)
}

const examples = `
Nothing is computed on models and nothing is written. Models are opened, and hashed when they are new, because what is
cached hangs on their content. What a node gives is shown where it is known before the run.

Examples:
  $ dreamgraph explain flow.json --input model=flux --input steps=20
  $ dreamgraph explain flow.json --input model=flux --json | jq -r '.nodes[] | select(.status == "ran").id'
`

async function explain(file: string, options: ExplainOptions): Promise<void> {
  const { loaded, values } = await loadWorkflow(file, options.input)
  await withWorkbench({ ...options, folders: [dirname(file)] }, async (bench) => {
    const checked = bench.check(loaded, values)
    if (!checked.ok) throw new WorkflowInvalid(file, checked.errors)
    const targets = options.to.length > 0 ? options.to : undefined
    const forecast = await bench.forecast(loaded, { inputs: values, targets })
    if (options.json) printJson(forecast)
    else for (const line of describe(forecast.nodes)) process.stdout.write(`${line}\n`)
  })
}

function describe(nodes: readonly NodeForecast[]): string[] {
  const rows = nodes.map(({ id, type, status, tier, items, why, outputs }) => {
    const does =
      status === 'ran' ? 'runs' : status === 'cached' ? `cached${tier === 'store' ? ' on disk' : ''}` : status
    const gives = Object.entries(outputs).map(([name, value]) => `${name}: ${shorten(value)}`)
    return [id, type, items ? `${does} ×${items.count}` : does, [...why, ...gives].join('; ')]
  })
  const running = nodes.filter(({ status }) => status === 'ran').length
  return [...columns(rows), `${running} of ${nodes.length} nodes would run`]
}

function shorten(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return text.length > 60 ? `${text.slice(0, 59)}…` : text
}
