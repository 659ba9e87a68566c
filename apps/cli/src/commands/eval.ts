// `dreamgraph eval`: measures a model, or pictures that another system made, on the world's held-out set.
import { access } from 'node:fs/promises'
import { join } from 'node:path'
import { type Model, preset, type QuantizeScheme, suitedLoraMode, withLoras } from '@dreamgraph/dreamo'
import {
  defaultPromptSet,
  type Evaluation,
  evaluate,
  openProbe,
  type Prompt,
  type PromptSet,
  picturesOf,
  promptsOf,
  scorePictures,
  shippedProbe,
  tableOf,
  textCells,
  writePrompts,
  writeReport,
} from '@dreamgraph/eval'
import type { Workbench } from '@dreamgraph/nodes'
import { makeFolder } from '@dreamgraph/store'
import { Command, InvalidArgumentError, Option } from 'commander'
import { withWorkbench } from '../bench.js'
import { cancelOnSignals } from '../cancel.js'
import { type DeviceChoice, deviceOption, jsonOption, quantizeOption } from '../options.js'
import { printJson } from '../progress/json-lines.js'
import { columns } from '../table.js'

interface Options {
  readonly model: string
  readonly probe: string
  readonly tasks: readonly string[]
  readonly count: number
  readonly draw: string
  readonly seeds: number
  readonly difficulty: number
  readonly steps: number
  readonly guidance: number
  readonly trueCfg: number
  readonly out?: string
  readonly pictures?: string
  readonly promptsOnly?: string
  readonly device: DeviceChoice
  readonly quantize?: QuantizeScheme
  readonly json?: boolean
}

export function evalCommand(): Command {
  const { tasks, count, difficulty } = defaultPromptSet
  const { steps, guidance, trueCfg } = preset('mini', { turbo: false })
  return new Command('eval')
    .description('measure how much of what it is asked for a model paints right, on prompts that no training has seen')
    .option('--model <name-or-folder>', 'what to measure, with the adapter in its DreamO/ if there is one', 'mini')
    .addOption(new Option('--tasks <task...>', 'which of the tasks below').choices(tasks).default(tasks, 'all'))
    .option('--count <number>', 'prompts of each task', whole, count)
    .option(
      '--draw <name>',
      'another draw of prompts, for trying out; numbers to report are of the default',
      'evaluation',
    )
    .option('--seeds <number>', 'pictures of each prompt', whole, 5)
    .option(
      '--difficulty <level>',
      'from 0, where things stand and look as in their references, to 1: moved, scaled, turned, in other styles',
      number,
      difficulty,
    )
    .option('--steps <number>', 'steps of the sampler', whole, steps)
    .option('--guidance <number>', 'distilled guidance; the mini model has none', number, guidance)
    .option('--true-cfg <number>', 'true guidance against an empty prompt; 1 is none, and faster', number, trueCfg)
    .option('-o, --out <folder>', 'write table.json, table.md, predictions.jsonl, sheet.webp and the pictures there')
    .option('--pictures <folder>', 'measure the pictures in this folder instead of a model')
    .option('--prompts-only <folder>', 'write prompts and references there, for other systems to paint, and stop')
    .addOption(
      new Option('--probe <folder>', 'the network that reads the pictures').default(shippedProbe, 'models/mini/probe'),
    )
    .addOption(deviceOption())
    .addOption(quantizeOption())
    .addOption(jsonOption('print one JSON object {settings, rows} instead of the table'))
    .addHelpText('after', help)
    .action(run)
}

const help = `
Prompts, references and the right pictures are of the picture world (packages/world), 128 × 128 pixels: a model must have
been trained on it, as the mini model was. A small network, the probe, reads kinds, colours, patterns, faces, places and
styles in every picture, and what it reads is counted against what was asked for.

Tasks: text (words alone), style-text (a style that is named), style (a style that a reference shows), subject and
subjects (one thing, or two, from references), columns (two pictures side by side), identity (a face), try-on (a garment).

The table has a row for each metric and a column for each task, in per cent; "95 %" is the interval, "cases" how many
there were, and "drawn" what the right pictures themselves score with the probe: the most that a model can have. What the
metrics mean: packages/eval/README.md. All tasks as they are by default are 320 pictures, two minutes on two cores.

Examples:
  $ dreamgraph eval --out out/eval                        the mini model, all tasks
  $ dreamgraph eval --model my-model --tasks subject subjects --count 4 --seeds 2
  $ dreamgraph eval --prompts-only prompts                other systems paint the lines of prompts/prompts.jsonl …
  $ dreamgraph eval --pictures theirs                     … and leave theirs/subject-000-1.png and so on
`

async function run(options: Options): Promise<void> {
  const { tasks, count, difficulty, draw } = options
  if (options.out !== undefined) await makeFolder(options.out) // before the pictures, of which it would be a pity
  const prompts = promptsOf({ tasks: tasks as PromptSet['tasks'], count, difficulty, draw })
  const seeds = Array.from({ length: options.seeds }, (_, i) => BigInt(i + 1))
  if (options.promptsOnly !== undefined) {
    await writePrompts(options.promptsOnly, prompts, seeds)
    process.stdout.write(
      `wrote ${prompts.length * seeds.length} prompts to ${join(options.promptsOnly, 'prompts.jsonl')}\n`,
    )
    return
  }
  const cancellation = cancelOnSignals(() => process.stderr.write('cancelling … (again to quit at once)\n'))
  try {
    await withWorkbench({ device: options.device, quantize: options.quantize }, async (bench) => {
      const evaluation = await score(bench, options, { prompts, seeds, signal: cancellation.signal })
      const settings = settingsOf(options)
      const rows = tableOf(evaluation)
      if (options.json) printJson({ settings, rows })
      else for (const line of columns(textCells(rows))) process.stdout.write(`${line}\n`)
      if (options.out !== undefined) await writeReport(options.out, { prompts, evaluation, settings })
    })
  } finally {
    cancellation.release()
  }
}

interface Work {
  readonly prompts: readonly Prompt[]
  readonly seeds: readonly bigint[]
  readonly signal: AbortSignal
}

async function score(bench: Workbench, options: Options, { prompts, seeds, signal }: Work): Promise<Evaluation> {
  const { steps, guidance, trueCfg, json } = options
  const probe = await openProbe(options.probe, await bench.runtime())
  const onPicture = (done: number, total: number): void => {
    signal.throwIfAborted()
    if (!json && (done % 10 === 0 || done === total)) process.stderr.write(`${done} of ${total} pictures\n`)
  }
  const set = { probe, prompts, seeds, onPicture }
  if (options.pictures !== undefined) return scorePictures(set, picturesOf(options.pictures))
  const model = await openWithDreamo(bench, options.model, signal)
  return evaluate({ ...set, model, steps, guidance, trueCfg, signal })
}

/** A model, with DreamO where its folder holds it. */
async function openWithDreamo(bench: Workbench, nameOrFolder: string, signal: AbortSignal): Promise<Model> {
  const { model, folder } = await bench.openModel(nameOrFolder, { signal })
  if (folder === undefined) return model // of single files
  const path = join(folder, 'DreamO/dreamo.safetensors')
  const isThere = await access(path).then(
    () => true,
    () => false,
  )
  return isThere ? withLoras({ ...model, loraMode: suitedLoraMode(model) }, [{ path, weight: 1 }]) : model
}

function settingsOf(options: Options) {
  const { model, pictures, tasks, count, draw, seeds, difficulty, steps, guidance, trueCfg, quantize } = options
  const set = { tasks: tasks.join(', '), count, draw, seeds, difficulty }
  return pictures === undefined
    ? { model, ...(quantize && { quantize }), ...set, steps, guidance, trueCfg }
    : { pictures, ...set }
}

function number(text: string): number {
  const value = Number(text)
  if (text.trim() === '' || !Number.isFinite(value)) throw new InvalidArgumentError('expected a number')
  return value
}

function whole(text: string): number {
  const value = number(text)
  if (!Number.isSafeInteger(value) || value < 1) throw new InvalidArgumentError('expected a whole number from 1')
  return value
}
