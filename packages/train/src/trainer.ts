// The loop of one stage: batches in, steps, reports, checkpoints; and where it was cut off, on from there.
import { lockFolder, makeFolder } from '@dreamgraph/store'
import { type Checkpoint, readCheckpoint, stepsDone, writeCheckpoint } from './checkpoint.js'
import { emaOf } from './ema.js'
import { TrainError } from './errors.js'
import { type LossLine, openLossLog } from './loss-log.js'
import { writeLossPlot } from './loss-plot.js'
import { meanLosses } from './mean-losses.js'
import { bindState, checkState, freshState, stateToFetch } from './stage-state.js'
import { openSteps, type StepsOptions } from './stage-steps.js'
import { type StageConfig, stageRun } from './train-config.js'
import type { TrainedModel } from './trained-model.js'

export interface StageReport {
  readonly stage: string
  /** From 1. */
  readonly step: number
  readonly steps: number
  /** Means over the step's micro-batches that have the loss. */
  readonly losses: LossLine['losses']
  readonly byTask: Readonly<Record<string, LossLine['losses']>>
  /** Before clipping. */
  readonly gradientNorm: number
  readonly learningRate: number
  readonly examplesPerSecond: number
  readonly timeLeftMs: number
}

export interface StageOptions extends StepsOptions {
  /** Of this stage: checkpoints, losses.csv, losses.svg. */
  readonly folder: string
  /** Values to start from instead of the model's own, such as those of the stage before. */
  readonly start?: ReadonlyMap<string, Float32Array>
  /** Aborting ends the stage between two steps with train/stopped, after a checkpoint. */
  readonly signal?: AbortSignal
  readonly onStep?: (report: StageReport) => void
}

export interface StageResult {
  readonly parameters: ReadonlyMap<string, Float32Array>
  /** Running means; the parameters themselves where the stage keeps none. Better to sample from. */
  readonly averages: ReadonlyMap<string, Float32Array>
}

/**
 * Trains one stage to its end, from its newest checkpoint if there is one: a run killed at any moment and started again
 * gives the same losses and the same parameters as one that was not. Throws train/diverged, train/stopped,
 * train/batch-invalid, train/checkpoint-invalid, store/folder-in-use while another process trains there, and the runtime's errors.
 */
export async function trainStage(options: StageOptions): Promise<StageResult> {
  const { folder } = options
  await makeFolder(folder)
  // Two processes would each delete what the other has just written.
  const unlock = await lockFolder(folder, 'train.pid')
  try {
    return await trainAlone(options)
  } finally {
    await unlock()
  }
}

async function trainAlone(options: StageOptions): Promise<StageResult> {
  const { config, stageIndex, model, folder, signal } = options
  const stage = config.stages[stageIndex]
  const withEma = stage.emaDecay !== null
  const run = stageRun(config, stageIndex)
  let done = await stepsDone(folder, run)
  if (done === stage.steps) return resultOf(model, await stateToBegin(options))

  const log = await openLossLog(folder, done)
  const steps = await openSteps(options)
  const save = async (): Promise<void> => {
    const state = stateToFetch(steps.session, model.trainables, withEma)
    await writeCheckpoint(folder, { step: done, identity: run.identity, state }, config.keepCheckpoints)
    await writeLossPlot(folder, log.lines)
  }
  const clock = paceOf(stage.steps - done)
  try {
    await bindState(steps.session, model.trainables, await stateToBegin(options))
    while (done < stage.steps) {
      if (signal?.aborted) {
        await save()
        const message = `stage ${stage.name}: expected to reach step ${stage.steps}, got stopped after step ${done}`
        throw new TrainError('train/stopped', message, { cause: signal.reason })
      }
      const { lines, examples } = await steps.run(done + 1)
      done++
      await log.append(lines)
      if (done % config.checkpointEvery === 0 || done === stage.steps) await save()
      options.onStep?.({ ...reportOf(stage, lines), ...clock(examples) })
    }
  } finally {
    await steps.release()
  }
  return resultOf(model, await stateToBegin(options))
}

/** The newest checkpoint's state, or a fresh one. */
async function stateToBegin({ config, stageIndex, model, folder, start }: StageOptions): Promise<Checkpoint['state']> {
  const withEma = config.stages[stageIndex].emaDecay !== null
  const fresh = freshState(model.trainables, start ?? model.initial, withEma)
  const saved = await readCheckpoint(folder, stageRun(config, stageIndex))
  if (saved) checkState(folder, saved.state, fresh)
  return saved?.state ?? fresh
}

function reportOf(stage: StageConfig, lines: readonly LossLine[]) {
  const [{ step, gradientNorm, learningRate }] = lines
  return {
    stage: stage.name,
    step,
    steps: stage.steps,
    losses: meanLosses(lines),
    byTask: Object.fromEntries(lines.map(({ task, losses }) => [task, losses])),
    gradientNorm,
    learningRate,
  }
}

/** Pace over this process's steps, the first left out once there are more: it opens the graphs. */
function paceOf(steps: number): (examples: number) => { examplesPerSecond: number; timeLeftMs: number } {
  let start = performance.now()
  let [counted, seen, done] = [0, 0, 0]
  return (examples) => {
    const now = performance.now()
    done++
    counted++
    seen += examples
    const msPerStep = (now - start) / counted
    const pace = { examplesPerSecond: (1000 * seen) / (counted * msPerStep), timeLeftMs: (steps - done) * msPerStep }
    if (done === 1) {
      start = now
      counted = 0
      seen = 0
    }
    return pace
  }
}

function resultOf(model: TrainedModel, state: Checkpoint['state']): StageResult {
  const names = [...model.trainables.keys()]
  const values = (nameOf: (name: string) => string): Map<string, Float32Array> =>
    new Map(names.map((name) => [name, (state.get(nameOf(name)) ?? state.get(name))!.data]))
  return { parameters: values((name) => name), averages: values(emaOf) }
}
