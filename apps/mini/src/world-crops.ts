// Pictures of the world as batches for the autoencoder: crops, which train a convolutional net as well as whole pictures.
import { rngOf, stepSeed } from '@dreamgraph/train'
import { difficultyOf, type Picture, renderSample } from '@dreamgraph/world'
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

/** Whole pictures of a step, [batch, 3, 128, 128] in −1..1: every other one is of things as they stand in their references. */
export function pictureBatch({ seed, step, batch }: { seed: bigint; step: number; batch: number }): Float32Array {
  const plain = { ...difficultyOf(0), style: difficulty.style }
  const size = imageSide
  const data = new Float32Array(batch * 3 * size * size)
  for (let i = 0; i < batch; i++) {
    const index = step * batch + i
    const hard = index % 2 === 0
    const { target } = renderSample({
      ...{ seed: `pictures ${seed}`, index, split: 'train' },
      difficulty: hard ? difficulty : plain,
    })
    copyCrop(target, { left: 0, top: 0, size }, data.subarray(i * 3 * size * size, (i + 1) * 3 * size * size))
  }
  return data
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
