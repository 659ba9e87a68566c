// `dreamgraph eval`: measures a model, or pictures that another system made, on the world's held-out set.
import { access } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type Model, modelFiles, openModel, withLoras } from '@dreamgraph/dreamo'
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
import { openRuntime, type Runtime } from '@dreamgraph/runtime'
import { Command, InvalidArgumentError, Option } from 'commander'
import { withWorkbench } from '../bench.js'
import { cancelOnSignals } from '../cancel.js'
import { type DeviceChoice, deviceOption, jsonOption } from '../options.js'
import { printJson } from '../progress/json-lines.js'
import { columns } from '../table.js'

interface Options {
  readonly model: string
  readonly probe: string
  readonly tasks: readonly string[]
  readonly count: number
  readonly seeds: number
  readonly difficulty: number
  readonly steps: number
  readonly guidance: number
  readonly trueCfg: number
  readonly out?: string
  readonly pictures?: string
  readonly promptsOnly?: string
  readonly device: DeviceChoice
  readonly json?: boolean
}

export function evalCommand(): Command {
  const { tasks, count, difficulty } = defaultPromptSet
  return new Command('eval')
    .description('measure a model on pictures that it has never seen, with exact ground truth')
    .addOption(
      new Option('--model <name-or-folder>', 'what to measure').default(dirname(shippedProbe), 'the mini model'),
    )
    .addOption(new Option('--tasks <task...>', 'which of the tasks').choices(tasks).default(tasks, 'all'))
    .option('--count <number>', 'prompts of each task', whole, count)
    .option('--seeds <number>', 'pictures of each prompt', whole, 5)
    .option('--difficulty <level>', '0: where the words say, as the references show; 1: anyhow', number, difficulty)
    .option('--steps <number>', 'steps of the sampler', whole, 12)
    .option('--guidance <number>', 'distilled guidance, for models that have it', number, 3.5)
    .option('--true-cfg <number>', 'true guidance against an empty prompt; 1: none', number, 1)
    .option('-o, --out <folder>', 'write table.json, table.md, predictions.jsonl, sheet.webp and the pictures there')
    .option('--pictures <folder>', 'measure pictures that lie there instead of a model')
    .option('--prompts-only <folder>', 'write the prompts and references there, for other systems, and stop')
    .addOption(
      new Option('--probe <folder>', 'what reads the pictures').default(shippedProbe, 'the one that comes along'),
    )
    .addOption(deviceOption())
    .addOption(jsonOption('print one JSON object {settings, rows} instead of the table'))
    .addHelpText('after', examples)
    .action(run)
}

const examples = `
A small network, the probe, reads kinds, colours, patterns, faces, places and styles in every picture; the table says in
how many per cent of all cases they are right. "drawn" is what the drawn pictures themselves score: the most there is.

Examples:
  $ dreamgraph eval --model models/mini --out out/eval
  $ dreamgraph eval --tasks subject subjects --count 4 --seeds 2
  $ dreamgraph eval --prompts-only prompts      other systems paint the lines of prompts/prompts.jsonl …
  $ dreamgraph eval --pictures theirs           … and leave theirs/subject-000-1.png and so on
`

async function run(options: Options): Promise<void> {
  const { tasks, count, difficulty } = options
  const prompts = promptsOf({ tasks: tasks as PromptSet['tasks'], count, difficulty })
  const seeds = Array.from({ length: options.seeds }, (_, i) => BigInt(i + 1))
  if (options.promptsOnly !== undefined) {
    await writePrompts(options.promptsOnly, prompts, seeds)
    process.stdout.write(
      `wrote ${prompts.length * seeds.length} prompts to ${join(options.promptsOnly, 'prompts.jsonl')}\n`,
    )
    return
  }
  const cancellation = cancelOnSignals(() => process.stderr.write('cancelling … (again to quit at once)\n'))
  const runtime = await openRuntime({ device: options.device })
  try {
    const evaluation = await score(runtime, options, { prompts, seeds, signal: cancellation.signal })
    const settings = settingsOf(options)
    if (options.out !== undefined) await writeReport(options.out, { prompts, evaluation, settings })
    const rows = tableOf(evaluation)
    if (options.json) printJson({ settings, rows })
    else for (const line of columns(textCells(rows))) process.stdout.write(`${line}\n`)
  } finally {
    await runtime.close()
    cancellation.release()
  }
}

interface Work {
  readonly prompts: readonly Prompt[]
  readonly seeds: readonly bigint[]
  readonly signal: AbortSignal
}

async function score(runtime: Runtime, options: Options, { prompts, seeds, signal }: Work): Promise<Evaluation> {
  const { steps, guidance, trueCfg, json } = options
  const probe = await openProbe(options.probe, runtime)
  const onPicture = (done: number, total: number): void => {
    signal.throwIfAborted()
    if (!json && (done % 10 === 0 || done === total)) process.stderr.write(`${done} of ${total} pictures\n`)
  }
  const set = { probe, prompts, seeds, onPicture }
  if (options.pictures !== undefined) return scorePictures(set, picturesOf(options.pictures))
  const model = await openWithDreamo(options.model, runtime)
  return evaluate({ ...set, model, steps, guidance, trueCfg, signal })
}

/** A model, with DreamO where its folder holds it. */
async function openWithDreamo(nameOrFolder: string, runtime: Runtime): Promise<Model> {
  const found = await withWorkbench({}, async ({ models }) => models.find(nameOrFolder))
  const folder = found ?? nameOrFolder
  const base = await openModel(await modelFiles(folder), runtime)
  const path = join(folder, 'DreamO/dreamo.safetensors')
  const isThere = await access(path).then(
    () => true,
    () => false,
  )
  return isThere ? withLoras(base, [{ path, weight: 1 }]) : base
}

function settingsOf({ model, pictures, tasks, count, seeds, difficulty, steps, guidance, trueCfg }: Options) {
  const set = { tasks: tasks.join(', '), count, seeds, difficulty }
  return pictures === undefined ? { model, ...set, steps, guidance, trueCfg } : { pictures, ...set }
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
