// What the attention losses look at: queries and keys of every layer, and where which tokens lie.
import { slice, type Tensor } from '@dreamgraph/onnx'
import type { Probe } from '../probe.js'

/** Queries and keys as attention receives them, after norm and rotation: [B, heads, T + N, d] each. */
export interface LayerHeads {
  readonly q: Tensor
  readonly k: Tensor
}

/** A stretch of the sequence [text, image, references]. */
export interface Span {
  readonly start: number
  readonly count: number
}

/** Stretches of these lengths, one behind the other. */
export function consecutive(lengths: readonly number[]): Span[] {
  let start = 0
  return lengths.map((count) => {
    start += count
    return { start: start - count, count }
  })
}

/** The stretches that losses compare. */
export interface SequenceSpans {
  readonly text: Span
  readonly image: Span
  readonly references: readonly Span[]
}

/** Spans of the whole sequence, from the layout of its image stream (see layoutTokens). */
export function sequenceSpans(textTokens: number, layout: Omit<SequenceSpans, 'text'>): SequenceSpans {
  const behindText = ({ start, count }: Span): Span => ({ start: textTokens + start, count })
  return {
    text: { start: 0, count: textTokens },
    image: behindText(layout.image),
    references: layout.references.map(behindText),
  }
}

/** A probe that keeps the heads of each layer, in running order: double blocks, then single blocks. */
export function headsProbe(): { probe: Probe; layers: () => LayerHeads[] } {
  const seen = new Map<string, Partial<Record<'q' | 'k', Tensor>>>()
  return {
    probe(name, tensor) {
      const [, block, part] = /^((?:double|single)\d+)_([qk])$/.exec(name) ?? []
      if (part) seen.set(block, { ...seen.get(block), [part]: tensor })
    },
    layers: () => [...seen.values()] as LayerHeads[],
  }
}

/** Tokens of one span: [B, heads, T + N, d] → [B, heads, count, d]. */
export const tokensOf = (x: Tensor, { start, count }: Span): Tensor =>
  slice(x, { axis: 2, from: start, to: start + count })
