// Several sequences side by side in one token axis: linear layers and norms do not notice, conditions are each one's own, and
// attention stays within each.
import { concat, constantInt64, gather, slice, type Tensor } from '@dreamgraph/onnx'
import type { Span } from '../losses/attention-heads.js'

/** Tokens of each sequence, in order: the text axis holds all their texts, the image axis all their images and references. */
export interface Sequences {
  readonly text: readonly number[]
  readonly image: readonly number[]
}

/** What each sequence has for itself, [S, width] → a row for each token, [tokens, width], of which each has so many. */
export function rowPerToken(rows: Tensor, tokens: readonly number[]): Tensor {
  const owners = tokens.flatMap((count, sequence) => Array.from({ length: count }, () => sequence))
  return gather(rows, constantInt64(owners))
}

/** Where the tokens of each sequence lie: in [all texts, all images] its text and its image. */
export function stretchesOf({ text, image }: Sequences): Span[][] {
  const spans = consecutive([...text, ...image])
  return text.map((_, sequence) => [spans[sequence], spans[text.length + sequence]])
}

/** Stretches of these lengths, one behind the other. */
export function consecutive(lengths: readonly number[]): Span[] {
  let start = 0
  return lengths.map((count) => {
    start += count
    return { start: start - count, count }
  })
}

/** The tokens of some stretches, one behind the other: [B, L, width] → [B, their count, width]. */
export function pick(x: Tensor, stretches: readonly Span[]): Tensor {
  const parts = stretches.map(({ start, count }) => slice(x, { axis: 1, from: start, to: start + count }))
  return parts.length === 1 ? parts[0] : concat(parts, { axis: 1 })
}

/** Undoes `pick` for each sequence: what was picked from each → everything in its place. */
export function putBack(parts: readonly Tensor[], stretches: readonly (readonly Span[])[]): Tensor {
  const pieces = parts.flatMap((part, sequence) => {
    let from = 0
    return stretches[sequence].map(({ start, count }) => {
      from += count
      return { start, piece: slice(part, { axis: 1, from: from - count, to: from }) }
    })
  })
  pieces.sort((a, b) => a.start - b.start)
  return concat(
    pieces.map(({ piece }) => piece),
    { axis: 1 },
  )
}
