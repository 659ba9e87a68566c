/** How much memory a model is expected to take: the rule that refuses it before the system would kill it. */

import type { WeightPlacement } from './messages.js'
import type { ModelSource } from './model-source.js'

/**
 * Share of mapped weights that must fit. The kernel drops their pages at will, so a model larger than memory still runs;
 * but with less than this share resident, each run reads nearly everything from disk again.
 */
export const mappedShare = 1 / 4

/**
 * Real peak over the estimate from liveness. Measured up to 2: onnxruntime orders independent nodes in its own way, and
 * kernels pack their operands into buffers of their own.
 */
export const activationFactor = 2

/** Bytes that a run takes and gives back. */
export function runBytes(source: ModelSource): number {
  return source.peakActivationBytes * activationFactor
}

/** Bytes that the weights of a loaded model hold: a share of them while mapped, all when laid out, with all that is folded
 * once packed. */
export function residentWeightBytes(source: ModelSource, weights: WeightPlacement): number {
  if (weights === 'mapped') return Math.ceil(source.weightBytes * mappedShare)
  if (weights === 'laid-out') return source.weightBytes
  return source.weightBytes + (source.foldableBytes ?? 0)
}

/** Most that the weights of a model may take for it to be packed unasked. */
const smallBytes = 128 * 2 ** 20

/**
 * Mapped weights of 16 bits are converted at each use: nothing beside the work on a thousand tokens, half of the time of
 * a small model on a hundred. Packing that one costs milliseconds, packing a large one its size in memory.
 */
export function defaultPlacement(source: ModelSource): WeightPlacement {
  return residentWeightBytes(source, 'packed') <= smallBytes ? 'packed' : 'mapped'
}

/** "1.25 GiB"; small amounts keep three digits. */
export function formatGiB(bytes: number): string {
  const gib = bytes / 2 ** 30
  return `${gib >= 0.1 || gib === 0 ? gib.toFixed(2) : gib.toPrecision(3)} GiB`
}
