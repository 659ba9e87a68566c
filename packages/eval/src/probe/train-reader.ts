// Trains one reader of the probe on drawn scenes. Resumes from the newest checkpoint in its folder; a resumed run equals an
// unbroken one.
import { setImmediate } from 'node:timers/promises'
import { add, emit, gradients, graph, input, memoryOf } from '@dreamgraph/onnx'
import type { Runtime, TensorData } from '@dreamgraph/runtime'
import {
  type AdamWConfig,
  adamWFeeds,
  allTrainable,
  type Checkpoint,
  emaDecayAt,
  emaInput,
  freshState,
  initialValues,
  learningRateAt,
  readCheckpoint,
  type Trainables,
  update,
  writeCheckpoint,
} from '@dreamgraph/train'
import { attributesOf, type ReaderName } from './attributes.js'
import { type ReaderBatch, readerBatch, scenePool } from './batches.js'
import { cropSizePx } from './crops.js'
import { answers, crossEntropy, type ReaderConfig } from './network.js'

export interface ReaderRun {
  readonly reader: ReaderName
  readonly config: ReaderConfig
  readonly folder: string
  readonly steps: number
  /** Crops in a step. */
  readonly batch: number
  /** Different scenes that crops are cut from. */
  readonly scenes: number
  readonly seed: bigint
  readonly peakRate: number
  readonly checkpointEvery: number
  readonly signal?: AbortSignal
  readonly onStep?: (report: ReaderStep) => void
}

export interface ReaderStep {
  readonly step: number
  /** Cross-entropy summed over the reader's attributes, nats. */
  readonly loss: number
  readonly gradientNorm: number
  readonly seconds: number
}

const optimizer: AdamWConfig = { betas: [0.9, 0.99], epsilon: 1e-8, weightDecay: 0.02 }
const emaDecay = 0.998
const clipNorm = 5 // the losses of up to thirteen attributes add up

/**
 * How far crops are varied at a share of the run: where a nose always stands in the same place it is soon found; then it may
 * move. Varied from the start on, faces stayed at chance for the first 500 steps.
 */
const strengthAt = (share: number): number => Math.min(1, Math.max(0, 2 * share - 0.3))

/** Runs until `steps` or an abort; the last state, whose running means are the reader's weights. */
export async function trainReader(runtime: Runtime, run: ReaderRun): Promise<Checkpoint> {
  const { reader, config, folder, steps, batch, scenes, seed } = run
  const { trainables, model, carried } = stepGraph(run)
  const source = { name: model.name, bytes: emit(model), ...memoryOf(model) }
  const session = runtime.session(source, { keepMemory: true })
  const schedule = { peak: run.peakRate, warmupSteps: 100, decay: 'cosine', floor: 0.01, steps } as const
  const identity = JSON.stringify({ reader, config, optimizer, emaDecay, batch, scenes, schedule, seed: `${seed}` })
  const start = (await readCheckpoint(folder, identity)) ?? {
    step: 0,
    identity,
    state: freshState(trainables, startValues(trainables, seed), true),
  }
  await session.bind(
    Object.fromEntries([...start.state].map(([name, value]) => [name, { dtype: 'float32', ...value }])),
  )
  const save = async (step: number): Promise<Checkpoint> => {
    const values = await session.read([...start.state.keys()])
    const state = Object.entries(values).map(
      ([name, { shape, data }]) => [name, { shape, data: data as Float32Array }] as const,
    )
    const checkpoint = { step, identity, state: new Map(state) }
    await writeCheckpoint(folder, checkpoint, 2)
    return checkpoint
  }

  const sceneAt = scenePool(reader, seed)
  const drawn = (step: number): ReaderBatch =>
    readerBatch(sceneAt, { reader, seed, step, batch, scenes, strength: strengthAt(step / steps) })
  let step = start.step
  let next = drawn(step + 1)
  while (step < steps && !run.signal?.aborted) {
    step++
    const startedAt = performance.now()
    const running = session.run(
      {
        ...batchFeeds(reader, next, batch),
        [emaInput]: { dtype: 'float32', shape: [], data: Float32Array.of(1 - emaDecayAt(emaDecay, step)) },
        ...adamWFeeds(optimizer, step, learningRateAt(schedule, step)),
      },
      { carry: carried },
    )
    await setImmediate() // lets the call leave for the other process; only then is there time to draw
    if (step < steps) next = drawn(step + 1)
    const results = await running
    const [loss, gradientNorm] = ['loss', 'gradientNorm'].map((name) => Number(results[name].data[0]))
    run.onStep?.({ step, loss, gradientNorm, seconds: (performance.now() - startedAt) / 1000 })
    if (step % run.checkpointEvery === 0 && step < steps) await save(step)
  }
  const last = await save(step)
  await session.release()
  return last
}

/** Forward, loss, backward and update as one graph. */
function stepGraph({ reader, config, batch }: Pick<ReaderRun, 'reader' | 'config' | 'batch'>) {
  const { parameters, trainables } = allTrainable()
  const size = cropSizePx[reader]
  const logits = answers(parameters, config, reader, input('crops', [batch, 3, size, size]))
  const costs = Object.entries(logits).map(([attribute, own]) => crossEntropy(own, input(attribute, own.shape)))
  const loss = costs.reduce((a, b) => add(a, b))
  const slopes = gradients(loss, [...trainables.values()])
  const byName = new Map([...trainables.keys()].map((name, i) => [name, slopes[i]]))
  const { outputs, carried } = update({ trainables, gradients: byName, optimizer, clipNorm, withEma: true })
  return { trainables, carried, model: graph(`probe step, ${reader}`, { ...outputs, loss }) }
}

function batchFeeds(reader: ReaderName, { crops, targets }: ReaderBatch, batch: number): Record<string, TensorData> {
  const size = cropSizePx[reader]
  const feeds: Record<string, TensorData> = {
    crops: { dtype: 'float32', shape: [batch, 3, size, size], data: crops },
  }
  for (const [attribute, { length }] of attributesOf(reader)) {
    feeds[attribute] = { dtype: 'float32', shape: [batch, length], data: targets[attribute] }
  }
  return feeds
}

/** Variance 2/fan-in, which keeps the size of what goes through rectifiers (He et al., arXiv 1502.01852); answers start small. */
function startValues(trainables: Trainables, seed: bigint): Map<string, Float32Array> {
  const shapes = [...trainables].map(([name, { shape }]) => ({ name, shape }))
  const factorOf = (name: string): number => (name.includes('.answers.') ? 0.1 : Math.SQRT2)
  const values = Object.entries(initialValues(shapes, seed))
  return new Map(
    values.map(([name, { data }]) => [name, (data as Float32Array).map((value) => value * factorOf(name))]),
  )
}
