// The loop of a model that is one graph and learns whole, such as an autoencoder or a probe: no stages, no frozen base, one
// form of batch. Adapters and bases have trainer.ts.
import { setImmediate } from 'node:timers/promises'
import { Sessions } from '@dreamgraph/dreamo'
import type { Tensor } from '@dreamgraph/onnx'
import type { Runtime, TensorData } from '@dreamgraph/runtime'
import { type AdamWConfig, adamWFeeds } from './adamw.js'
import { type Checkpoint, readCheckpoint, writeCheckpoint } from './checkpoint.js'
import { emaDecayAt, emaInput } from './ema.js'
import { TrainError } from './errors.js'
import { checkFinite } from './finite.js'
import { type LearningRateSchedule, learningRateAt } from './schedule.js'
import { checkState, freshState } from './stage-state.js'
import type { Trainables } from './trainable.js'
import { trainingStep } from './training-step.js'

export interface WholeRun {
  /** What is trained, in errors and in the runtime's status. */
  readonly name: string
  readonly trainables: Trainables
  /** Values before the first step, by name. */
  readonly initial: ReadonlyMap<string, Float32Array>
  /** Scalar to bring down. */
  readonly loss: Tensor
  /** Scalars to report by name, beside the length of the gradient. */
  readonly reported: Readonly<Record<string, Tensor>>
  /** Inputs of a step, from 1, but those of the optimizer. They hang on the step alone. */
  readonly feeds: (step: number) => Readonly<Record<string, TensorData>>
  readonly optimizer: AdamWConfig
  /** Gradients longer than this, all together, are shortened to it. */
  readonly clipNorm: number
  readonly emaDecay: number
  /** With the number of steps. */
  readonly schedule: LearningRateSchedule
  /** Fingerprint of what numbers depend on: only checkpoints with the same are resumed. */
  readonly identity: string
  /** Of checkpoints; the newest two stay. */
  readonly folder: string
  readonly checkpointEvery: number
  /** Aborting ends the run between two steps with train/stopped, after a checkpoint. */
  readonly signal?: AbortSignal
  readonly onStep?: (report: WholeStep) => void
}

export interface WholeStep {
  /** From 1. */
  readonly step: number
  readonly steps: number
  /** `gradientNorm`, before clipping, and what the run reports. */
  readonly values: Readonly<Record<string, number>>
  readonly seconds: number
}

const keptCheckpoints = 2

/**
 * Trains to the last step, from the newest checkpoint if there is one; a resumed run equals an unbroken one. Returns the
 * last state, whose running means (`ema/…`) are the model. Inputs of a step are made while the one before is computed.
 * Throws train/diverged, train/stopped, train/checkpoint-invalid, and the runtime's errors.
 */
export async function trainWhole(runtime: Runtime, run: WholeRun): Promise<Checkpoint> {
  const { name, trainables, optimizer, clipNorm, identity, folder, schedule, signal } = run
  const { steps } = schedule
  const fresh = freshState(trainables, run.initial, true)
  const saved = await readCheckpoint(folder, { identity, steps })
  if (saved) checkState(folder, saved.state, fresh)
  if (saved?.step === steps) return saved

  const sessions = new Sessions(runtime)
  const { outputs, carried } = trainingStep({ loss: run.loss, trainables, optimizer, clipNorm, withEma: true })
  const session = await sessions.of(`${name} step`, { ...outputs, ...run.reported }, { keepMemory: true })
  const save = async (step: number): Promise<Checkpoint> => {
    const values = Object.entries(await session.read([...fresh.keys()]))
    const state = values.map(([key, { shape, data }]) => [key, { shape, data: data as Float32Array }] as const)
    const checkpoint = { step, identity, state: new Map(state) }
    await writeCheckpoint(folder, checkpoint, keptCheckpoints)
    return checkpoint
  }
  const optimizerFeeds = (step: number): Record<string, TensorData> => ({
    ...adamWFeeds(optimizer, step, learningRateAt(schedule, step)),
    [emaInput]: { dtype: 'float32', shape: [], data: Float32Array.of(1 - emaDecayAt(run.emaDecay, step)) },
  })

  let step = saved?.step ?? 0
  try {
    const state = [...(saved?.state ?? fresh)].map(([key, value]) => [key, { dtype: 'float32', ...value }] as const)
    await session.bind(Object.fromEntries(state))
    let next = run.feeds(step + 1)
    while (step < steps) {
      if (signal?.aborted) {
        await save(step)
        const message = `${name}: expected to reach step ${steps}, got stopped after step ${step}`
        throw new TrainError('train/stopped', message, { cause: signal.reason })
      }
      step++
      const startedAtMs = performance.now()
      const running = session.run({ ...next, ...optimizerFeeds(step) }, { carry: carried })
      running.catch(() => {}) // thrown below, where it is awaited
      await setImmediate() // lets the step go out to its process before making the next inputs holds this one up
      if (step < steps) next = run.feeds(step + 1)
      const results = Object.entries(await running).map(([key, { data }]) => [key, Number(data[0])])
      const values: Record<string, number> = Object.fromEntries(results)
      checkFinite(`${name}, step ${step}`, values)
      if (step % run.checkpointEvery === 0 && step < steps) await save(step)
      run.onStep?.({ step, steps, values, seconds: (performance.now() - startedAtMs) / 1000 })
    }
    return await save(step)
  } finally {
    await sessions.release()
  }
}
