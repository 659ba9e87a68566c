// Pictures of the world as batches for the autoencoder: crops, of which a step takes many, then whole ones.
import { type Rng, rngOf, stepSeed } from '@dreamgraph/train'
import { difficultyOf, type Picture, renderSample, type Sample } from '@dreamgraph/world'
import { imageSide } from './sizes.js'

/** Everything that pictures of the world can be; a third in other styles than the flat one. */
const difficulty = { ...difficultyOf(1), style: 0.6 }

export interface CropBatch {
  /** [batch, 3, size, size] in −1..1. */
  readonly data: Float32Array
  readonly size: number
}

/** The batch of a step: each crop from a picture of its own; one in four is a reference on white, whole or cut. */
export function cropBatch({
  seed,
  step,
  batch,
  size,
}: {
  seed: bigint
  step: number
  batch: number
  size: number
}): CropBatch {
  const plane = size * size
  const data = new Float32Array(batch * 3 * plane)
  for (let i = 0; i < batch; i++) {
    const rng = rngOf(stepSeed(seed, step, i))
    const index = step * batch + i
    const sample = renderSample({ seed: `${seed}`, index, split: 'train', difficulty })
    const reference = rng() < 0.25 ? sample.references[0]?.picture : undefined
    const picture = reference && reference.width >= size ? reference : sample.target
    const left = Math.floor(rng() * (picture.width - size + 1))
    const top = Math.floor(rng() * (picture.height - size + 1))
    copyCrop(picture, { left, top, size }, data.subarray(i * 3 * plane, (i + 1) * 3 * plane))
  }
  return { data, size }
}

export interface PictureBatch {
  /** [batch, 3, 128, 128] in −1..1. */
  readonly data: Float32Array
  /** What each pixel counts, [batch, 1, 128, 128]: 1 in the mean. */
  readonly weights: Float32Array
}

/** What is small and looked at first counts as much as this beside what is behind it. */
const importance = { thing: 4, reference: 2.5 }

/**
 * Whole pictures of a step, three of four with things as they stand in their references; in every third a reference lies on a
 * corner, as the encoder is to read those too.
 */
export function pictureBatch({ seed, step, batch }: { seed: bigint; step: number; batch: number }): PictureBatch {
  const plain = { ...difficultyOf(0), style: difficulty.style }
  const size = imageSide
  const plane = size * size
  const data = new Float32Array(batch * 3 * plane)
  const weights = new Float32Array(batch * plane).fill(1)
  for (let i = 0; i < batch; i++) {
    const index = step * batch + i
    const sample = renderSample({
      ...{ seed: `pictures ${seed}`, index, split: 'train' },
      difficulty: index % 4 === 0 ? difficulty : plain,
    })
    const { target, references } = sample
    const own = weights.subarray(i * plane, (i + 1) * plane)
    weighThings(sample, own)
    const onCorner = index % 3 === 0 ? references[0]?.picture : undefined
    const picture = onCorner ? laidOver(target, onCorner, rngOf(stepSeed(seed, step, i)), own) : target
    copyCrop(picture, { left: 0, top: 0, size }, data.subarray(i * 3 * plane, (i + 1) * 3 * plane))
  }
  return { data, weights: levelled(weights) }
}

/** Sets what the pixels of things count in a picture of the world. */
export function weighThings({ references }: Sample, weights: Float32Array): void {
  for (const { targetMask } of references) {
    targetMask?.data.forEach((inside, pixel) => {
      if (inside > 0) weights[pixel] = importance.thing
    })
  }
}

/** With a mean of 1. */
export function levelled(weights: Float32Array): Float32Array {
  const mean = weights.reduce((sum, weight) => sum + weight, 0) / weights.length
  return weights.map((weight) => weight / mean)
}

/** A picture with a smaller one on one of its corners; weights are set there. */
function laidOver(under: Picture, over: Picture, rng: Rng, weights: Float32Array): Picture {
  const left = Math.floor(2 * rng()) * (under.width - over.width)
  const top = Math.floor(2 * rng()) * (under.height - over.height)
  const data = under.data.slice()
  for (let y = 0; y < over.height; y++) {
    const to = (top + y) * under.width + left
    data.set(over.data.subarray(y * over.width * 3, (y + 1) * over.width * 3), to * 3)
    weights.fill(importance.reference, to, to + over.width)
  }
  return { ...under, data }
}

/** A square of a picture as planes [3, size, size] in −1..1. */
export function copyCrop(
  { width, data }: Picture,
  { left, top, size }: { left: number; top: number; size: number },
  into: Float32Array,
): void {
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const from = ((top + y) * width + left + x) * 3
      for (let c = 0; c < 3; c++) into[(c * size + y) * size + x] = data[from + c] / 127.5 - 1
    }
  }
}
