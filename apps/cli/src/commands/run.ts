// `dreamgraph run`: runs a workflow, shows how it goes and says what came of it.

import { dirname } from 'node:path'
import { describeValue } from '@dreamgraph/nodes'
import { Command, Option } from 'commander'
import { type BenchOptions, withWorkbench } from '../bench.js'
import { cancelOnSignals } from '../cancel.js'
import { type Assignment, loadWorkflow } from '../load-workflow.js'
import { deviceOption, inputHelp, inputOption, jsonOption, packOption, quantizeOption } from '../options.js'
import { WorkflowInvalid } from '../problems.js'
import { openReporter } from '../progress/open-reporter.js'
import type { Reporter } from '../progress/reporter.js'
import { runRemote } from '../run-remote.js'

interface RunOptions extends BenchOptions {
  readonly input: readonly string[]
  readonly to: readonly string[]
  readonly server?: string
  readonly token?: string
  readonly json?: boolean
}

export function runCommand(): Command {
  return new Command('run')
    .description('run a workflow')
    .argument('<file>', 'workflow file')
    .addOption(inputOption())
    .addOption(new Option('--to <node...>', 'run only these nodes and what they need').default([], 'everything'))
    .addOption(deviceOption())
    .addOption(quantizeOption())
    .addOption(packOption())
    .option('-o, --output <folder>', 'where pictures are written', 'out')
    .option('--no-cache', 'compute everything anew and keep nothing')
    .addOption(new Option('--server <url>', 'run it on a server; pictures go there and come back'))
    .addOption(new Option('--token <secret>', 'for the server').env('DREAMGRAPH_TOKEN'))
    .option('-v, --verbose', 'also show what onnxruntime notes in passing')
    .addOption(jsonOption('print one JSON object per event on stdout, and nothing else there'))
    .addHelpText('after', inputHelp + examples)
    .action(run)
}

const examples = `
Examples:
  $ dreamgraph run examples/workflows/text-only.json --input model=/models/flux --input prompt="a red fox in the snow"
  $ dreamgraph run examples/workflows/two-subjects.json -i model=/models/flux -i subject1=cat.png -i subject2=robot.png
  $ dreamgraph run flow.json --server http://127.0.0.1:7860 -i subject=cat.png
  $ dreamgraph run flow.json --to draw --device webgpu --json | jq -r 'select(.type == "written").path'
`

async function run(file: string, options: RunOptions): Promise<void> {
  const { loaded, values, drawn } = await loadWorkflow(file, options.input)
  const reporter = openReporter(options)
  if (options.server !== undefined) return runThere(options.server, file, options, { loaded, values, drawn }, reporter)
  await withWorkbench({ ...options, folders: [dirname(file)], onLog: reporter.log }, async (bench) => {
    const checked = bench.check(loaded, values)
    if (!checked.ok) throw new WorkflowInvalid(file, checked.errors)
    const cancellation = cancelOnSignals(() => process.stderr.write('cancelling … (again to quit at once)\n'))
    const startedAtMs = Date.now()
    try {
      for (const warning of checked.warnings) reporter.warning(warning)
      for (const { input, seed } of drawn) reporter.seed(input, seed)
      reporter.device(await bench.deviceLine())
      const result = await bench.run(loaded, {
        inputs: values,
        targets: options.to.length > 0 ? options.to : undefined,
        signal: cancellation.signal,
        onEvent: (event) => reporter.event(event),
      })
      // Items of a list finish in any order; people expect 1, 2, 3.
      const written = result.written.map(({ path }) => path).sort()
      for (const path of written) reporter.written(path)
      const { peakRssBytes, plannedBytes } = (await bench.runtime()).status()
      reporter.result({
        outputs: Object.fromEntries(
          Object.entries(result.outputs).map(([name, value]) => [name, describeValue(value)]),
        ),
        missing: result.missing,
        written,
        nodes: [...result.nodes.values()],
        durationMs: Date.now() - startedAtMs,
        ...(peakRssBytes > 0 && { memory: { peakBytes: peakRssBytes, plannedBytes } }),
      })
    } finally {
      reporter.close()
      cancellation.release()
    }
  })
}

async function runThere(
  server: string,
  file: string,
  { to, token, cache = true, output = 'out' }: RunOptions,
  { loaded, values, drawn }: Assignment,
  reporter: Reporter,
): Promise<void> {
  const { signal, release } = cancelOnSignals(() => process.stderr.write('cancelling … (again to quit at once)\n'))
  try {
    for (const { input, seed } of drawn) reporter.seed(input, seed)
    const targets = to.length > 0 ? to : undefined
    await runRemote({ server, token, file, loaded, values, targets, cache, output, signal, reporter })
  } finally {
    reporter.close()
    release()
  }
}
