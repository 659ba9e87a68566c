// `dreamgraph train`: trains an adapter by a training file; stopped or killed, the same command goes on.
import { availableMemory } from '@dreamgraph/runtime'
import {
  assertMemory,
  countSamples,
  readTrainFile,
  readTrainingData,
  TrainError,
  type TrainingData,
} from '@dreamgraph/train'
import { Command, Option } from 'commander'
import { withWorkbench } from '../bench.js'
import { cancelOnSignals } from '../cancel.js'
import { type DeviceChoice, devices, jsonOption } from '../options.js'
import { printJson } from '../progress/json-lines.js'
import { openTrainingReporter } from '../progress/training.js'
import { describeDuration, describeSize } from '../progress/wording.js'
import { columns } from '../table.js'
import { openTraining, runTraining, type Training } from '../training.js'

interface TrainOptions {
  readonly check?: boolean
  readonly device?: DeviceChoice
  readonly verbose?: boolean
  readonly json?: boolean
}

export function trainCommand(): Command {
  return new Command('train')
    .description('train an adapter, LoRA and DreamO’s embeddings, on a model, as a training file says')
    .argument('<file>', 'training file')
    .option('--check', 'train nothing: check all that can be checked, and say what memory each stage takes')
    .addOption(
      new Option('--device <device>', 'what to train on, in place of what the file says (auto)').choices([...devices]),
    )
    .option('-v, --verbose', 'also show what onnxruntime notes in passing')
    .addOption(
      jsonOption(
        'print JSON lines on stdout: {type: step} for each step, {type: result} at the end; with --check one object',
      ),
    )
    .addHelpText('after', help)
    .action(run)
}

const help = `
The file is JSON; paths in it start at its own folder:
  {
    "model": "flux",
    "data": { "manifest": "pictures" },
    "out": "runs/first",
    "rank": 32,
    "stages": [{ "name": "all", "steps": 2000, "mixture": { "subject": 1 } }]
  }
"model" is a name of \`models list\` or a folder, "data" a folder of pictures with a manifest.jsonl, a line for each, and
"out" takes checkpoints, losses and the adapter. Each stage starts from what the one before it learnt; "mixture" says how
often each task of the manifest is drawn. All settings, their defaults and the form of a manifest: packages/train/README.md.
To try it without pictures of your own, on drawn ones: "model": "mini", "data": { "world": {} }, "textTokens": 56.

Model, data and memory are checked first. Then the out folder gets a folder for each stage, with checkpoints, losses.csv
and losses.svg, and in the end DreamO/dreamo.safetensors. Ctrl-C ends the step that is under way and leaves a checkpoint;
stopped or killed, the same command goes on from the newest one; on one machine's cpu it ends in the same bytes.

Exit code 0: trained, or already was. 1: it failed on the way. 2: file, model or data are wrong; all faults are listed.
130: stopped.

Examples:
  $ dreamgraph train train.json --check
  $ dreamgraph train train.json
  $ dreamgraph run examples/workflows/own-adapter.json -i model=flux -i adapter=runs/first/DreamO/dreamo.safetensors
`

async function run(path: string, options: TrainOptions): Promise<void> {
  const startedAtMs = Date.now()
  const file = await readTrainFile(path)
  const data = await readTrainingData(file)
  const reporter = openTrainingReporter(options)
  const { device = file.device, verbose, json } = options
  await withWorkbench({ device, verbose, onLog: reporter.log }, async (bench) => {
    const cancellation = cancelOnSignals(() => reporter.log('stopping after this step … (again to quit at once)'))
    const { signal } = cancellation
    try {
      reporter.device(await bench.deviceLine())
      const training = await openTraining(bench, file, { data, signal })
      for (const { name, steps, schedule } of file.config.stages) {
        if (schedule.warmupSteps < steps) continue
        const got = `${schedule.warmupSteps} of ${steps} steps`
        reporter.log(`stage ${name}: its warm-up takes ${got}, so its learning rate stays below the peak`)
      }
      if (options.check) {
        printCheck(training, data, json)
        assertMemory(training.memory)
        return
      }
      const at = standOf(training)
      if (at) reporter.log(`${file.out}: goes on ${at}`)
      const written = await runTraining(training, { signal, onStep: reporter.step })
      reporter.written(written)
      const durationMs = Date.now() - startedAtMs
      if (json) printJson({ type: 'result', written: [written], durationMs })
      else process.stdout.write(`done in ${describeDuration(durationMs)}\n`)
    } catch (error) {
      if (!json && error instanceof TrainError && error.code === 'train/stopped')
        reporter.log(`${error.message}; the same command goes on`)
      throw error
    } finally {
      reporter.close()
      cancellation.release()
    }
  })
}

/** Where an earlier run of it ended: `after step 250 of 2000 of stage all`; undefined before its first checkpoint. */
function standOf({ progress }: Training): string | undefined {
  const last = progress.findLast(({ done }) => done > 0)
  return last && `after step ${last.done} of ${last.steps} of stage ${last.stage}`
}

function printCheck(training: Training, data: TrainingData, json: boolean | undefined): void {
  const { file, memory, progress } = training
  const samples = countSamples(data)
  const freeBytes = availableMemory()
  if (json) {
    printJson({ samples, memory, freeBytes, progress })
    return
  }
  const at = standOf(training)
  const rows = [
    ...Object.entries(samples).map(([task, count]) => ['samples', task, String(count)]),
    ...memory.map(({ stage, bucket, needBytes }) => [`stage ${stage}`, bucket, `takes ${describeSize(needBytes)}`]),
    ['memory', 'free', describeSize(freeBytes)],
    [file.out, at ? `has begun: the next run goes on ${at}` : 'a new run'],
  ]
  for (const line of columns(rows)) process.stdout.write(`${line}\n`)
}
