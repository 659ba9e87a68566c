// Adaptive layer norm: `vec` is projected to shifts, factors and gates that every token of a stream shares.
import { add, concat, constant, layerNorm, mul, reshape, slice, type Tensor } from '@dreamgraph/onnx'
import { linearLayer, type Parameters } from '../parameters.js'

/** Of FLUX's layer norms and q/k RMS norms alike. */
export const normEpsilon = 1e-6

/** What a module modulates by: its name in the checkpoint, how many shifts, scales and gates it gives, and which of them are scales. */
export interface Modulator {
  readonly module: string
  readonly count: number
  readonly scales: readonly number[]
}

/** Attention's shift, scale and gate, then the MLP's. */
export const ofStream = (module: string): Modulator => ({ module, count: 6, scales: [1, 4] })
/** Shift, scale and gate. */
export const ofSingleBlock: Modulator = { module: 'norm.linear', count: 3, scales: [1] }
/** Here alone the scale comes before the shift. */
export const ofOutput: Modulator = { module: 'norm_out.linear', count: 2, scales: [0] }

/**
 * Gives what a module modulates by, [B, hidden] each, of what a graph is conditioned on. Scales come as factors, 1 + scale.
 */
export type Modulate = (p: Parameters, modulator: Modulator, cond: Tensor) => Tensor[]

/** linear(vec) of vec [B, hidden], through SiLU, with 1 added to scales: [B, count·hidden]. */
export function modulations(p: Parameters, { module, count, scales }: Modulator, vec: Tensor): Tensor {
  const hidden = vec.shape[1]
  const ones = Array.from({ length: count }, (_, i) => constant(scales.includes(i) ? 1 : 0, [1, hidden]))
  return add(linearLayer(p, module, vec, count * hidden), concat(ones, { axis: 1 }))
}

/** Computes them in the graph: `cond` is vec. */
export const fromVec: Modulate = (p, modulator, vec) =>
  cut(modulations(p, modulator, vec), { start: 0, count: modulator.count, hidden: vec.shape[1] })

/** Pieces [B, hidden] of rows, from a piece's number on. */
export const cut = (
  rows: Tensor,
  { start, count, hidden }: { start: number; count: number; hidden: number },
): Tensor[] =>
  Array.from({ length: count }, (_, i) =>
    slice(rows, { axis: 1, from: (start + i) * hidden, to: (start + i + 1) * hidden }),
  )

/** What each item has for all of its tokens: [B, hidden] → [B, 1, hidden]. */
function forTokens(own: Tensor): Tensor {
  const [items, hidden] = own.shape
  return reshape(own, { shape: [items, 1, hidden] })
}

/** norm(x)·factor + shift: x [B, L, hidden], shift and factor [B, hidden]. */
export const modulatedNorm = (x: Tensor, shift: Tensor, factor: Tensor): Tensor =>
  add(mul(layerNorm(x, { epsilon: normEpsilon }), forTokens(factor)), forTokens(shift))

/** x + gate·y: the gated residual. */
export const gated = (x: Tensor, gate: Tensor, y: Tensor): Tensor => add(x, mul(forTokens(gate), y))
