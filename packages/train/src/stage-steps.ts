// One step of a stage as runs of its graphs: the gradients of each micro-batch, then the update.
import { Sessions } from '@dreamgraph/dreamo'
import type { Tensor } from '@dreamgraph/onnx'
import type { Runtime, Session, SessionState, WeightPlacement } from '@dreamgraph/runtime'
import { accumulate, accumulateFeeds, gatheredGradients } from './accumulate.js'
import { adamWFeeds } from './adamw.js'
import type { Batch, BatchSource } from './batch.js'
import { type BucketGraph, bucketGraph } from './bucket-graph.js'
import { emaDecayAt, emaInput } from './ema.js'
import { TrainError } from './errors.js'
import { checkFinite } from './finite.js'
import type { LossLine } from './loss-log.js'
import { meanLosses, type TaskLosses } from './mean-losses.js'
import { rngOf, stepSeed } from './random.js'
import { learningRateAt } from './schedule.js'
import type { TrainConfig } from './train-config.js'
import type { TrainedModel } from './trained-model.js'
import { type Update, update } from './update.js'

export interface StepsOptions {
  readonly runtime: Runtime
  readonly config: TrainConfig
  /** Which of the config's stages, from 0. */
  readonly stageIndex: number
  readonly model: TrainedModel
  readonly source: BatchSource
  /** Where frozen weights live; see the runtime. Default mapped. */
  readonly weights?: WeightPlacement
}

export interface Steps {
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

/** Builds the update; the graph of a bucket follows at its first use. */
export async function openSteps(options: StepsOptions): Promise<Steps> {
  const { runtime, config, stageIndex, model, weights } = options
  const stage = config.stages[stageIndex]
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
  const session = await sessions.of(`update of ${stage.name}`, gathered.outputs, { state, keepMemory: true })
  const buckets = bucketOpener(options, { sessions, state, weights })
  const draw = (step: number, micro: number): bigint => stepSeed(config.seed, stageIndex, step, micro)
  const nextBatch = (step: number, micro: number): Promise<Batch> =>
    options.source.next(step, rngOf(stepSeed(draw(step, micro), 0)))
  const whereOf = (step: number, task: string): string => `stage ${stage.name}, step ${step}, task ${task}`
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
      const seen: TaskLosses[] = []
      let examples = 0
      for (let micro = 0; micro < stage.accumulate; micro++) {
        const batch = await take(step, micro)
        const bucket = await buckets(batch.bucket)
        const { active, feeds } = await bucket.feeds(batch, {
          seed: draw(step, micro),
          times: stage.times,
          guidance: config.guidance,
          weights: stage.losses,
        })
        const all = { ...feeds, ...accumulateFeeds(micro, stage.accumulate) }
        const results = await bucket.session.run(all, { carry: bucket.carried })
        const losses = Object.fromEntries(active.map((name) => [name, Number(results[name].data[0])]))
        checkFinite(whereOf(step, batch.task), losses)
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
      checkFinite(whereOf(step, 'all'), { ...meanLosses(seen), 'gradient norm': gradientNorm })
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
  { config, model, source }: StepsOptions,
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
    return {
      ...built,
      carried,
      session: await sessions.of(`gradients of ${name}`, all, { ...session, keepMemory: true }),
    }
  }
  return (name) => {
    const bucket = open.get(name) ?? build(name)
    open.set(name, bucket)
    return bucket
  }
}
