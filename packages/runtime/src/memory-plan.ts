/** How much memory a model is expected to take, and the rule that refuses it before the system would kill it. */

import type { WeightPlacement } from './messages.js'
import type { ModelSource } from './model-source.js'

/**
 * Share of mapped weights that must fit. The kernel drops their pages at will, so a model larger than memory still runs;
 * but with less than this share resident, each run reads nearly everything from disk again.
 */
export const mappedShare = 1 / 4

/** A prepacked model must leave this share of the memory free to be chosen by itself. */
const prepackedShare = 1 / 2

/** Bytes that the weights of a loaded model hold: all of them once packed, a share of them while mapped. */
export function residentWeightBytes(source: ModelSource, weights: WeightPlacement): number {
  return weights === 'prepacked' ? source.weightBytes : Math.ceil(source.weightBytes * mappedShare)
}

/** Packed weights run faster and cost a copy: they are chosen where copy and run fit into half of what is free. */
export function chooseWeights(source: ModelSource, roomBytes: number): WeightPlacement {
  const needBytes = source.weightBytes + source.peakActivationBytes
  return needBytes <= roomBytes * prepackedShare ? 'prepacked' : 'mapped'
}

/** "1.25 GiB"; small amounts keep three digits. */
export function formatGiB(bytes: number): string {
  const gib = bytes / 2 ** 30
  return `${gib >= 0.1 ? gib.toFixed(2) : gib.toPrecision(3)} GiB`
}
