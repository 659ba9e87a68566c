// Products and attention in float16, for GPUs: WebGPU has no bfloat16, and matrix units take 16 bits. All between them, what is
// summed up from block to block above all, stays float32: FLUX has numbers there that a float16 cannot hold.
import { type AttentionOptions, attention, cast, constant, linear, mul, type Tensor } from '@dreamgraph/onnx'

/**
 * Weights are stored divided by this, and products multiplied by it afterwards, in float32: 16 bits end at 65504. A power of
 * two: no digit is lost but of numbers below 0.0005.
 */
const headroom = 8

/** w [out, in] float32 as it is stored: float16, divided. */
export const halfWeight = (w: Tensor): Tensor => cast(mul(w, constant(1 / headroom)), 'float16')

/** x [.., in] float16 × a stored weight [out, in] → [.., out] float32. */
export const halfProduct = (x: Tensor, w: Tensor): Tensor => mul(cast(linear(x, w), 'float32'), constant(headroom))

/** As `attention`, float32 in and out; queries and keys are normalized, so that scores stay small. */
export function halfAttention(q: Tensor, k: Tensor, v: Tensor, options: AttentionOptions): Tensor {
  const [queries, keys, values] = [q, k, v].map((x) => cast(x, 'float16'))
  return cast(attention(queries, keys, values, options), 'float32')
}
