// Trains one reader of the probe on drawn scenes. Resumes from the newest checkpoint in its folder; a resumed run equals an
// unbroken one.
import { createHash } from 'node:crypto'
import { add, input } from '@dreamgraph/onnx'
import type { Runtime, TensorData } from '@dreamgraph/runtime'
import {
  type AdamWConfig,
  allTrainable,
  type Checkpoint,
  initialValues,
  type Trainables,
  trainWhole,
  type WholeRun,
} from '@dreamgraph/train'
import { attributesOf, type ReaderName } from './attributes.js'
import { type ReaderBatch, readerBatch, recolouredShare, scenePool } from './batches.js'
import { cropSizePx } from './crops.js'
import { answers, crossEntropy, type ReaderConfig } from './network.js'

export interface ReaderRun extends Pick<WholeRun, 'folder' | 'checkpointEvery' | 'signal' | 'onStep'> {
  readonly reader: ReaderName
  readonly config: ReaderConfig
  readonly steps: number
  /** Crops in a step. */
  readonly batch: number
  /** Different scenes that crops are cut from. */
  readonly scenes: number
  readonly seed: bigint
  readonly peakRate: number
  /** Weights of a trained reader to go on from, by name. */
  readonly start?: ReadonlyMap<string, Float32Array>
}

const optimizer: AdamWConfig = { betas: [0.9, 0.99], epsilon: 1e-8, weightDecay: 0.02 }
const emaDecay = 0.998
const clipNorm = 5 // the losses of up to thirteen attributes add up

/**
 * How far crops are varied at a share of the run: where a nose always stands in the same place it is soon found; then it may
 * move. Varied from the start on, faces stayed at chance for the first 500 steps.
 */
const strengthAt = (share: number): number => Math.min(1, Math.max(0, 2 * share - 0.3))

/**
 * Trains to the last step; the running means of the state are the reader's weights. A step reports `loss`, the cross-entropy
 * summed over the reader's attributes in nats. Throws what trainWhole throws.
 */
export function trainReader(runtime: Runtime, run: ReaderRun): Promise<Checkpoint> {
  const { reader, config, steps, batch, scenes, seed, peakRate, start, ...place } = run
  const { parameters, trainables } = allTrainable()
  const size = cropSizePx[reader]
  const logits = answers(parameters, config, reader, input('crops', [batch, 3, size, size]))
  const costs = Object.entries(logits).map(([attribute, own]) => crossEntropy(own, input(attribute, own.shape)))
  const loss = costs.reduce((a, b) => add(a, b))
  const schedule = { peak: peakRate, warmupSteps: 100, decay: 'cosine', floor: 0.01, steps } as const
  const sceneAt = scenePool(reader, seed)
  return trainWhole(runtime, {
    ...place,
    name: `probe, ${reader}`,
    trainables,
    initial: start ?? startValues(trainables, seed),
    loss,
    reported: { loss },
    feeds(step) {
      const strength = start ? 1 : strengthAt(step / steps)
      return batchFeeds(reader, readerBatch(sceneAt, { reader, seed, step, batch, scenes, strength }), batch)
    },
    optimizer,
    clipNorm,
    emaDecay,
    schedule,
    identity: JSON.stringify({
      ...{ reader, config, optimizer, emaDecay, batch, scenes, recolouredShare, schedule, seed: `${seed}` },
      ...(start && { start: digestOf(start) }),
    }),
  })
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

function digestOf(values: ReadonlyMap<string, Float32Array>): string {
  const hash = createHash('sha256')
  for (const [name, value] of values) hash.update(name).update(value)
  return hash.digest('hex')
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
