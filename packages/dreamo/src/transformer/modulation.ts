// Adaptive layer norm: `vec` is projected to shifts, scales and gates that every token of a stream shares.
import { add, constant, layerNorm, mul, reshape, slice, type Tensor } from '@dreamgraph/onnx'
import { linearLayer, type Parameters } from '../parameters.js'

/** Of FLUX's layer norms and q/k RMS norms alike. */
export const normEpsilon = 1e-6

/** Cuts linear(silu(vec)) [B, hidden] → `count` tensors [B, 1, hidden], in the checkpoint's order. */
export function modulation(p: Parameters, module: string, activeVec: Tensor, count: number): Tensor[] {
  const [batch, hidden] = activeVec.shape
  const all = reshape(linearLayer(p, module, activeVec, count * hidden), { shape: [batch, 1, count * hidden] })
  return Array.from({ length: count }, (_, i) => slice(all, { axis: 2, from: i * hidden, to: (i + 1) * hidden }))
}

/** norm(x)·(1 + scale) + shift: x [B, L, hidden], shift and scale [B, 1, hidden]. */
export const modulatedNorm = (x: Tensor, shift: Tensor, scale: Tensor): Tensor =>
  add(mul(layerNorm(x, { epsilon: normEpsilon }), add(scale, constant(1))), shift)

/** x + gate·y: the gated residual. */
export const gated = (x: Tensor, gate: Tensor, y: Tensor): Tensor => add(x, mul(gate, y))
