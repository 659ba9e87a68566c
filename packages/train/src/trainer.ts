// The loop of one stage: batches in, steps, reports, checkpoints; and where it was cut off, on from there.
import { Sessions } from '@dreamgraph/dreamo'
import type { Tensor } from '@dreamgraph/onnx'
import type { Runtime, Session, SessionState, WeightPlacement } from '@dreamgraph/runtime'
import { accumulate, accumulateFeeds, gatheredGradients } from './accumulate.js'
import { adamWFeeds } from './adamw.js'
import type { Batch, BatchSource } from './batch.js'
import { type BucketGraph, bucketGraph, type LossName } from './bucket-graph.js'
import { type Checkpoint, readCheckpoint, writeCheckpoint } from './checkpoint.js'
import { emaDecayAt, emaInput, emaOf } from './ema.js'
import { TrainError } from './errors.js'
import { type LossLine, openLossLog } from './loss-log.js'
import { writeLossPlot } from './loss-plot.js'
import { rngOf, stepSeed } from './random.js'
import { learningRateAt } from './schedule.js'
import { bindState, checkState, freshState, readState } from './stage-state.js'
import { type StageConfig, stageIdentity, type TrainConfig } from './train-config.js'
import type { TrainedModel } from './trained-model.js'
import { type Update, update } from './update.js'

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

export interface StageOptions {
  readonly runtime: Runtime
  readonly config: TrainConfig
  /** Which of the config's stages, from 0. */
  readonly stageIndex: number
  readonly model: TrainedModel
  readonly source: BatchSource
  /** Of this stage: checkpoints, losses.csv, losses.svg. */
  readonly folder: string
  /** Values to start from instead of the model's own, such as those of the stage before. */
  readonly start?: ReadonlyMap<string, Float32Array>
  /** Where frozen weights live; see the runtime. Default mapped. */
  readonly weights?: WeightPlacement
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
 * gives the same losses and the same parameters as one that was not.
 * Throws train/diverged, train/stopped, train/batch-invalid, train/checkpoint-invalid, and the runtime's errors.
 */
export async function trainStage(options: StageOptions): Promise<StageResult> {
  const { config, stageIndex, model, folder, signal } = options
  const stage = config.stages[stageIndex]
  const withEma = stage.emaDecay !== null
  const identity = stageIdentity(config, stageIndex)
  const saved = await readCheckpoint(folder, identity)
  const fresh = freshState(model.trainables, options.start ?? model.initial, withEma)
  if (saved) checkState(folder, saved.state, fresh)
  let state = saved?.state ?? fresh
  let done = saved?.step ?? 0
  if (done >= stage.steps) return resultOf(model, state)

  const log = await openLossLog(folder, done)
  const steps = await openSteps(options, stage)
  const save = async (): Promise<void> => {
    state = await readState(steps.session, model.trainables, withEma)
    await writeCheckpoint(folder, { step: done, identity, state }, config.keepCheckpoints)
    await writeLossPlot(folder, log.lines)
  }
  const clock = paceOf(stage.steps - done)
  try {
    await bindState(steps.session, model.trainables, state)
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
  return resultOf(model, state)
}

interface Steps {
  /** The session that has all state as its inputs. */
  readonly session: Session
  /** One step, from 1: all its micro-batches, then the update. A line for each task; samples of all batches. */
  run(step: number): Promise<{ lines: LossLine[]; examples: number }>
  release(): Promise<void>
}

interface OpenBucket extends BucketGraph {
  readonly session: Session
  readonly carried: Update['carried']
}

async function openSteps(options: StageOptions, stage: StageConfig): Promise<Steps> {
  const { runtime, config, stageIndex, model, weights } = options
  const sessions = new Sessions(runtime)
  const state = runtime.state()
  const { trainables } = model
  const gathered = update({
    trainables,
    gradients: gatheredGradients(trainables),
    optimizer: config.optimizer,
    clipNorm: stage.clipNorm,
    withEma: stage.emaDecay !== null,
  })
  const session = await sessions.of(`update of ${stage.name}`, gathered.outputs, { state })
  const buckets = bucketOpener(options, { sessions, state, weights })
  const draw = (step: number, micro: number): bigint => stepSeed(config.seed, stageIndex, step, micro)
  const nextBatch = (step: number, micro: number): Promise<Batch> =>
    options.source.next(step, rngOf(stepSeed(draw(step, micro), 0)))
  let ahead: { at: string; batch: Promise<Batch> } | undefined

  /** The batch of this micro-step; the one after it is made while this one is computed on. */
  const take = (step: number, micro: number): Promise<Batch> => {
    const batch = ahead?.at === `${step}.${micro}` ? ahead.batch : nextBatch(step, micro)
    const [nextStep, nextMicro] = micro + 1 < stage.accumulate ? [step, micro + 1] : [step + 1, 0]
    if (nextStep > stage.steps) return batch
    ahead = { at: `${nextStep}.${nextMicro}`, batch: batch.then(() => nextBatch(nextStep, nextMicro)) }
    ahead.batch.catch(() => {}) // thrown when its turn comes
    return batch
  }

  return {
    session,
    async run(step) {
      const seen: MicroLosses[] = []
      let examples = 0
      for (let micro = 0; micro < stage.accumulate; micro++) {
        const batch = await take(step, micro)
        const bucket = await buckets(batch.bucket)
        const { active, feeds } = bucket.feeds(batch, {
          seed: draw(step, micro),
          times: stage.times,
          guidance: config.guidance,
          weights: stage.losses,
        })
        const all = { ...feeds, ...accumulateFeeds(micro, stage.accumulate) }
        const results = await bucket.session.run(all, { carry: bucket.carried })
        const losses = Object.fromEntries(active.map((name) => [name, Number(results[name].data[0])]))
        checkFinite(stage, step, batch.task, losses)
        seen.push({ task: batch.task, losses })
        examples += options.source.buckets[batch.bucket].batch
      }
      const learningRate = learningRateAt({ ...stage.schedule, steps: stage.steps }, step)
      const decay = stage.emaDecay === null ? undefined : emaDecayAt(stage.emaDecay, step)
      const feeds = {
        ...adamWFeeds(config.optimizer, step, learningRate),
        ...(decay !== undefined && {
          [emaInput]: { dtype: 'float32', shape: [], data: Float32Array.of(1 - decay) } as const,
        }),
      }
      const results = await session.run(feeds, { carry: gathered.carried })
      const gradientNorm = Number(results.gradientNorm.data[0])
      checkFinite(stage, step, 'all', { ...meanLosses(seen), 'gradient norm': gradientNorm })
      const tasks = [...new Set(seen.map(({ task }) => task))]
      const lines = tasks.map((task) => ({
        step,
        task,
        losses: meanLosses(seen.filter((micro) => micro.task === task)),
        gradientNorm,
        learningRate,
      }))
      return { lines, examples }
    },
    async release() {
      await sessions.release()
      await state.release()
    },
  }
}

/** Opens the graph of a bucket at its first use. */
function bucketOpener(
  { config, model, source }: StageOptions,
  { sessions, ...session }: { sessions: Sessions; state: SessionState; weights: WeightPlacement | undefined },
): (name: string) => Promise<OpenBucket> {
  const open = new Map<string, Promise<OpenBucket>>()
  const build = async (name: string): Promise<OpenBucket> => {
    const bucket = Object.hasOwn(source.buckets, name) ? source.buckets[name] : undefined
    if (!bucket) {
      const known = Object.keys(source.buckets).join(', ')
      throw new TrainError('train/batch-invalid', `batch: expected one of the buckets ${known}, got "${name}"`)
    }
    const built = bucketGraph(model, bucket, config)
    const { outputs, carried } = accumulate(built.total, model.trainables)
    const all: Record<string, Tensor> = { ...outputs, ...built.losses }
    return { ...built, carried, session: await sessions.of(`gradients of ${name}`, all, session) }
  }
  return (name) => {
    const bucket = open.get(name) ?? build(name)
    open.set(name, bucket)
    return bucket
  }
}

interface MicroLosses {
  readonly task: string
  readonly losses: LossLine['losses']
}

/** Means over the micro-batches that have a loss. */
function meanLosses(seen: readonly MicroLosses[]): LossLine['losses'] {
  const names = [...new Set(seen.flatMap(({ losses }) => Object.keys(losses) as LossName[]))]
  const mean = (name: LossName): number => {
    const values = seen.flatMap(({ losses }) => losses[name] ?? [])
    return values.reduce((sum, value) => sum + value, 0) / values.length
  }
  return Object.fromEntries(names.map((name) => [name, mean(name)]))
}

function checkFinite(stage: StageConfig, step: number, task: string, values: Readonly<Record<string, number>>): void {
  if (Object.values(values).every(Number.isFinite)) return
  const got = Object.entries(values).map(([name, value]) => `${name} ${value}`)
  const where = `stage ${stage.name}, step ${step}, task ${task}`
  throw new TrainError('train/diverged', `${where}: expected finite losses and gradients, got ${got.join(', ')}`)
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
