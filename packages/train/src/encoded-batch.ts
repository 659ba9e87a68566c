// Encoded samples and captions as one batch.
import { joined, type Size } from '@dreamgraph/dreamo'
import type { Batch } from './batch.js'
import type { EncodedCaption } from './sample-encoder.js'
import { tokensAt } from './sample-tokens.js'

/** A sample as the transformer reads it, but for its caption. */
export interface EncodedSample {
  readonly latents: Float32Array
  /** In slot order, like the next two. */
  readonly references: readonly Float32Array[]
  readonly slots: readonly number[]
  /** Absent where some reference has none. */
  readonly masks?: readonly Float32Array[]
}

export interface BatchForm {
  readonly bucket: string
  readonly task: string
  readonly reference: Size
  /** Of each reference; absent where all tokens enter. */
  readonly keptTokens?: readonly (readonly number[])[]
}

/** A batch of samples with as many references each. Masks and placeholders enter where all samples have all of them. */
export function batchOf(
  samples: readonly EncodedSample[],
  captions: readonly EncodedCaption[],
  { bucket, task, reference, keptTokens }: BatchForm,
): Batch {
  const hasReferences = samples[0].references.length > 0
  const positions = captions.map((caption, i) => samples[i].slots.map((slot) => caption.placeholderAt(slot)))
  const isNamed = hasReferences && positions.flat().every((at) => at !== undefined)
  const isMasked = hasReferences && samples.every(({ masks }) => masks !== undefined)
  return {
    bucket,
    task,
    latents: joined(samples.map(({ latents }) => latents)),
    references: joined(
      samples.flatMap(({ references }) => references.map((all, i) => tokensAt(all, reference, keptTokens?.[i]))),
    ),
    text: joinedText(captions.map(({ text }) => text)),
    pooled: joined(captions.map(({ pooled }) => pooled)),
    ...(keptTokens && { keptTokens }),
    ...(isMasked && { masks: joined(samples.flatMap(({ masks }) => masks!)) }),
    ...(isNamed && { placeholders: positions as number[][] }),
  }
}

/** States one behind the other, ids as they are: an encoder gives either for all captions. */
function joinedText(texts: readonly EncodedCaption['text'][]): Batch['text'] {
  const states = texts.filter((text) => text instanceof Float32Array)
  return states.length > 0 ? joined(states) : (texts as readonly (readonly number[])[])
}
