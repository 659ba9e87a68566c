// Trains the probe on drawn scenes. Resumes from the newest checkpoint in its folder; a resumed run equals an unbroken one.
import { add, emit, gradients, graph, input, memoryOf, type Tensor } from '@dreamgraph/onnx'
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
import { attributesOf, type ReaderName, readerNames } from './attributes.js'
import { type BatchSizes, type ProbeBatch, probeBatch, scenePool } from './batches.js'
import { cropSizePx } from './crops.js'
import { answers, crossEntropy, type ProbeConfig } from './network.js'

export interface ProbeRun {
  readonly config: ProbeConfig
  readonly folder: string
  readonly steps: number
  readonly batch: BatchSizes
  /** Different scenes that crops are cut from. */
  readonly scenes: number
  readonly seed: bigint
  readonly peakRate: number
  readonly checkpointEvery: number
  readonly signal?: AbortSignal
  readonly onStep?: (report: ProbeStep) => void
}

export interface ProbeStep {
  readonly step: number
  /** Cross-entropy summed over the reader's attributes, nats. */
  readonly losses: Readonly<Record<ReaderName, number>>
  readonly gradientNorm: number
  readonly seconds: number
}

const optimizer: AdamWConfig = { betas: [0.9, 0.99], epsilon: 1e-8, weightDecay: 0.02 }
const emaDecay = 0.997
const clipNorm = 5 // the losses of some twenty attributes add up; their gradients are long at first

/**
 * How far crops are varied at a share of the run: where a nose always stands in the same place it is soon found; then it may
 * move. Varied from the start on, faces stayed at chance for the first 500 steps.
 */
const strengthAt = (share: number): number => Math.min(1, Math.max(0, 2.2 * share - 0.1))

const cropsInput = (reader: ReaderName): string => `${reader}/crops`
const targetInput = (reader: ReaderName, attribute: string): string => `${reader}/${attribute}`

/** Runs until `steps` or an abort; the last state, whose running means are the probe. */
export async function trainProbe(runtime: Runtime, run: ProbeRun): Promise<Checkpoint> {
  const { config, folder, steps, batch, scenes, seed } = run
  const { trainables, model, carried } = stepGraph(config, batch)
  const source = { name: model.name, bytes: emit(model), ...memoryOf(model) }
  const session = runtime.session(source, { keepMemory: true })
  const schedule = { peak: run.peakRate, warmupSteps: 100, decay: 'cosine', floor: 0.01, steps } as const
  const identity = JSON.stringify({ config, optimizer, emaDecay, batch, scenes, schedule, seed: `${seed}` })
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

  const sceneAt = scenePool(seed, scenes)
  const drawn = (step: number): ProbeBatch =>
    probeBatch(sceneAt, { seed, step, batch, scenes, strength: strengthAt(step / steps) })
  let step = start.step
  let next = drawn(step + 1)
  while (step < steps && !run.signal?.aborted) {
    step++
    const startedAt = performance.now()
    const running = session.run(
      {
        ...batchFeeds(next, batch),
        [emaInput]: { dtype: 'float32', shape: [], data: Float32Array.of(1 - emaDecayAt(emaDecay, step)) },
        ...adamWFeeds(optimizer, step, learningRateAt(schedule, step)),
      },
      { carry: carried },
    )
    if (step < steps) next = drawn(step + 1) // while the step is computed
    const results = await running
    const { gradientNorm, ...losses } = Object.fromEntries(
      Object.entries(results).map(([name, { data }]) => [name, Number(data[0])]),
    )
    const seconds = (performance.now() - startedAt) / 1000
    run.onStep?.({ step, losses: losses as Record<ReaderName, number>, gradientNorm, seconds })
    if (step % run.checkpointEvery === 0 && step < steps) await save(step)
  }
  const last = await save(step)
  await session.release()
  return last
}

/** Forward, losses, backward and update of all readers as one graph; a loss for each reader. */
function stepGraph(config: ProbeConfig, batch: BatchSizes) {
  const { parameters, trainables } = allTrainable()
  const losses = Object.fromEntries(
    readerNames.map((reader) => {
      const size = cropSizePx[reader]
      const logits = answers(parameters, config, reader, input(cropsInput(reader), [batch[reader], 3, size, size]))
      const costs = Object.entries(logits).map(([attribute, own]) =>
        crossEntropy(own, input(targetInput(reader, attribute), own.shape)),
      )
      return [reader, costs.reduce((a, b) => add(a, b))]
    }),
  ) as Record<ReaderName, Tensor>
  const loss = Object.values(losses).reduce((a, b) => add(a, b))
  const slopes = gradients(loss, [...trainables.values()])
  const byName = new Map([...trainables.keys()].map((name, i) => [name, slopes[i]]))
  const { outputs, carried } = update({ trainables, gradients: byName, optimizer, clipNorm, withEma: true })
  return { trainables, carried, model: graph('probe step', { ...outputs, ...losses }) }
}

function batchFeeds(batches: ProbeBatch, batch: BatchSizes): Record<string, TensorData> {
  const feeds: Record<string, TensorData> = {}
  for (const reader of readerNames) {
    const { crops, targets } = batches[reader]
    const size = cropSizePx[reader]
    feeds[cropsInput(reader)] = { dtype: 'float32', shape: [batch[reader], 3, size, size], data: crops }
    for (const [attribute, values] of attributesOf(reader)) {
      const shape = [batch[reader], values.length]
      feeds[targetInput(reader, attribute)] = { dtype: 'float32', shape, data: targets[attribute] }
    }
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
