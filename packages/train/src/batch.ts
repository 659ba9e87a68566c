// What a training step eats, and where it comes from.
import { type Size, type TokenLayout, tokenGrid } from '@dreamgraph/dreamo'
import { TrainError } from './errors.js'
import type { Rng } from './random.js'
import type { TokenIds } from './text-encoder.js'
import type { TrainedModel } from './trained-model.js'

/** Samples of one form, which one graph serves: the same sizes, the same number of references. */
export interface Bucket {
  /** Samples of a batch. */
  readonly batch: number
  /** Picture to be made, in pixels. */
  readonly image: Size
  /** In slot order. With `keptTokens`, only so many tokens of a reference enter; the quality stage drops most of them. */
  readonly references: readonly { readonly slot: number; readonly image: Size; readonly keptTokens?: number }[]
  readonly textTokens: number
  /** Tokens of a caption for a CLIP inside the graph; needed where the model has one. */
  readonly pooledTokens?: number
}

/** One micro-batch: one bucket and one task, so that losses can be told apart by task. All data f32, row-major. */
export interface Batch {
  /** Name of its bucket. */
  readonly bucket: string
  readonly task: string
  /** Clean packed latents, [B, L, channels]. */
  readonly latents: Float32Array
  /** Clean packed latents of all references (their kept tokens), one behind the other, [B, N, channels]. */
  readonly references: Float32Array
  /** T5 states, [B, T, width]; or its token ids, [B][T], where the model has a T5 inside the graph. */
  readonly text: Float32Array | TokenIds
  /** CLIP's pooled state, [B, width]; or its token ids, [B][pooledTokens], where the model has a CLIP inside the graph. */
  readonly pooled: Float32Array | TokenIds
  /** For each reference, which of its tokens were kept, in order and alike in all samples; [] where all were. */
  readonly keptTokens?: readonly (readonly number[])[]
  /** Where each reference's subject stands in the picture, 0 … 1, [B, references, L]. Absent: no routing loss. */
  readonly masks?: Float32Array
  /** Text token that names each reference, [B][references]. Absent (plain captions): no placeholder loss. */
  readonly placeholders?: readonly (readonly number[])[]
}

export interface BatchSource {
  /** By name. The first use of each builds a graph. */
  readonly buckets: Readonly<Record<string, Bucket>>
  /** A batch for a step, from 1. Must depend on nothing but step and rng: a resumed run asks again. */
  next(step: number, rng: Rng): Promise<Batch>
}

/** Throws train/batch-invalid unless the arrays of a batch have the sizes of its bucket. */
export function checkBatch(
  batch: Batch,
  bucket: Bucket,
  { layout, model }: { layout: TokenLayout; model: TrainedModel },
): void {
  const { batch: samples, references, textTokens, pooledTokens = 0 } = bucket
  const { config } = model
  const imageTokens = layout.image.count
  const referenceTokens = layout.tokens - imageTokens
  const lengths: [keyof Batch, number, number | undefined][] = [
    ['latents', samples * imageTokens * config.inChannels, batch.latents.length],
    ['references', samples * referenceTokens * config.inChannels, batch.references.length],
    ['masks', samples * references.length * imageTokens, batch.masks?.length],
    ['placeholders', samples, batch.placeholders?.length],
  ]
  for (const [name, expected, got] of lengths) {
    if (got !== undefined && got !== expected) throw invalid(batch, name, `${expected} values`, got)
  }
  checkText(batch, 'text', { samples, tokens: textTokens, width: textTokens * config.jointDim, ids: !!model.t5 })
  checkText(batch, 'pooled', { samples, tokens: pooledTokens, width: config.pooledDim, ids: !!model.clip })
  for (const [i, { keptTokens = 0, image }] of references.entries()) {
    const kept = batch.keptTokens?.[i] ?? []
    const { rows, columns } = tokenGrid(image)
    if (kept.length === keptTokens && kept.every((at) => at >= 0 && at < rows * columns)) continue
    throw invalid(batch, `keptTokens.${i}`, `${keptTokens} tokens below ${rows * columns}`, `[${kept}]`)
  }
  for (const positions of batch.placeholders ?? []) {
    const areTokens = positions.every((at) => Number.isInteger(at) && at >= 0 && at < textTokens)
    if (positions.length === references.length && areTokens && new Set(positions).size === positions.length) continue
    const rule = `${references.length} different text tokens below ${textTokens} in each sample`
    throw invalid(batch, 'placeholders', rule, `[${positions}]`)
  }
}

function checkText(
  batch: Batch,
  part: 'text' | 'pooled',
  { samples, tokens, width, ids }: { samples: number; tokens: number; width: number; ids: boolean },
): void {
  const given = batch[part]
  if (!ids) {
    const got = given instanceof Float32Array ? given.length : 'token ids'
    if (got !== samples * width) throw invalid(batch, part, `${samples * width} values`, got)
    return
  }
  const rule = `${samples} captions of ${tokens} token ids`
  if (given instanceof Float32Array) throw invalid(batch, part, rule, `${given.length} values`)
  if (given.length === samples && given.every(({ length }) => length === tokens)) return
  throw invalid(batch, part, rule, `${given.length} of ${given.map(({ length }) => length)}`)
}

function invalid({ bucket, task }: Batch, part: string, rule: string, got: unknown): TrainError {
  return new TrainError(
    'train/batch-invalid',
    `batch of bucket "${bucket}", task "${task}", ${part}: expected ${rule}, got ${got}`,
  )
}
