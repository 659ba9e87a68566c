// `dreamgraph run`: runs a workflow, shows how it goes and says what came of it.

import { dirname } from 'node:path'
import { describeValue } from '@dreamgraph/nodes'
import { Command, Option } from 'commander'
import { type BenchOptions, withWorkbench } from '../bench.js'
import { cancelOnSignals } from '../cancel.js'
import { loadWorkflow } from '../load-workflow.js'
import { deviceOption, inputHelp, inputOption, jsonOption, packOption } from '../options.js'
import { WorkflowInvalid } from '../problems.js'
import { openReporter } from '../progress/open-reporter.js'

interface RunOptions extends BenchOptions {
  readonly input: readonly string[]
  readonly to: readonly string[]
  readonly json?: boolean
}

export function runCommand(): Command {
  return new Command('run')
    .description('run a workflow')
    .argument('<file>', 'workflow file')
    .addOption(inputOption())
    .addOption(new Option('--to <node...>', 'run only these nodes and what they need').default([], 'everything'))
    .addOption(deviceOption())
    .addOption(packOption())
    .option('-o, --output <folder>', 'where pictures are written', 'out')
    .option('--no-cache', 'compute everything anew and keep nothing')
    .option('-v, --verbose', 'also show what onnxruntime notes in passing')
    .addOption(jsonOption('print one JSON object per event on stdout, and nothing else there'))
    .addHelpText('after', inputHelp + examples)
    .action(run)
}

const examples = `
Examples:
  $ dreamgraph run examples/workflows/text-only.json --input model=/models/flux --input prompt="a red fox in the snow"
  $ dreamgraph run examples/workflows/two-subjects.json -i model=/models/flux -i subject1=cat.png -i subject2=robot.png
  $ dreamgraph run flow.json --to draw --device webgpu --json | jq -r 'select(.type == "written").path'
`

async function run(file: string, options: RunOptions): Promise<void> {
  const { loaded, values, drawn } = await loadWorkflow(file, options.input)
  const reporter = openReporter(options)
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
      reporter.result({
        outputs: Object.fromEntries(
          Object.entries(result.outputs).map(([name, value]) => [name, describeValue(value)]),
        ),
        missing: result.missing,
        written,
        nodes: [...result.nodes.values()],
        durationMs: Date.now() - startedAtMs,
      })
    } finally {
      reporter.close()
      cancellation.release()
    }
  })
}
