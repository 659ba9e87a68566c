// Adaptive layer norm: `vec` is projected to shifts, scales and gates that every token of a stream shares.
import { add, constant, layerNorm, mul, reshape, slice, type Tensor } from '@dreamgraph/onnx'
import { linearLayer, type Parameters } from '../parameters.js'
import { rowPerToken } from './sequences.js'

/** Of FLUX's layer norms and q/k RMS norms alike. */
export const normEpsilon = 1e-6

/**
 * Cuts linear(silu(vec)) [B, hidden] → `count` tensors [B, 1, hidden], in the checkpoint's order; of several sequences, with `tokens`
 * each, [S, hidden].
 */
export function modulation(
  p: Parameters,
  module: string,
  activeVec: Tensor,
  { count, tokens }: { readonly count: number; readonly tokens: readonly number[] | undefined },
): Tensor[] {
  const [batch, hidden] = activeVec.shape
  const rows = linearLayer(p, module, activeVec, count * hidden)
  const all = tokens ? rows : reshape(rows, { shape: [batch, 1, count * hidden] })
  const axis = all.shape.length - 1
  return Array.from({ length: count }, (_, i) => slice(all, { axis, from: i * hidden, to: (i + 1) * hidden }))
}

/** What each of several sequences has for itself, [S, hidden], for each of x's tokens; one sequence's is broadcast. */
const perToken = (own: Tensor, tokens: readonly number[] | undefined): Tensor =>
  tokens ? rowPerToken(own, tokens) : own

/** norm(x)·(1 + scale) + shift: x [B, L, hidden], shift and scale [B, 1, hidden], or [S, hidden] of S sequences with `tokens` each. */
export function modulatedNorm(x: Tensor, shift: Tensor, scale: Tensor, tokens?: readonly number[]): Tensor {
  const factor = perToken(add(scale, constant(1)), tokens)
  return add(mul(layerNorm(x, { epsilon: normEpsilon }), factor), perToken(shift, tokens))
}

/** x + gate·y: the gated residual. Gate as the shift of modulatedNorm. */
export const gated = (x: Tensor, gate: Tensor, y: Tensor, tokens?: readonly number[]): Tensor =>
  add(x, mul(perToken(gate, tokens), y))
