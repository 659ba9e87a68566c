// Weights in few bits as a graph: onnxruntime reads what the checkpoint holds, adds fused LoRA and rounds.
import {
  abs,
  add,
  cast,
  constant,
  div,
  equal,
  lessOrEqual,
  max,
  maximum,
  min,
  minimum,
  mul,
  neg,
  reshape,
  round,
  slice,
  sub,
  type Tensor,
  transpose,
} from '@dreamgraph/onnx'
import { halfWeight } from './half-precision.js'
import type { LayerForm } from './schemes.js'

/** A weight in few bits; layouts are those of `integerProduct`, `blockProduct` and `halfProduct`. */
export type QuantizedTensors = {
  readonly values: Tensor
  readonly scales?: Tensor
}

/** Rounds w [out, in] float32 to the form's numbers and scales. */
export function quantizedTensors(w: Tensor, form: LayerForm): QuantizedTensors {
  if (form.kind === 'half') return { values: halfWeight(w) }
  if (form.kind === 'int8') return perChannel(w)
  const [height, width] = w.shape
  const blocks = reshape(w, { shape: [height, width / form.block, form.block] })
  return form.bits === 8 ? eightBits(blocks) : fourBits(blocks)
}

/** scale = max|w|/127 of each output channel: values int8 [in, out], scales [out]. */
function perChannel(w: Tensor): QuantizedTensors {
  const scale = nonZero(mul(max(abs(w), { axes: [1] }), constant(1 / 127))) // [out, 1]
  const values = transpose(cast(round(div(w, scale)), 'int8'), { perm: [1, 0] })
  return { values, scales: reshape(scale, { shape: [w.shape[0]] }) }
}

/** scale = max|w|/127 of each block, stored + 128: values uint8 [out, blocks, block], scales [out, blocks]. */
function eightBits(blocks: Tensor): QuantizedTensors {
  const scale = nonZero(mul(max(abs(blocks), { axes: [2] }), constant(1 / 127)))
  const values = cast(add(round(div(blocks, scale)), constant(128)), 'uint8')
  return { values, scales: reshape(scale, { shape: blocks.shape.slice(0, 2) }) }
}

/**
 * scale = −extreme/8, where the extreme is the value furthest from 0 with its sign: of −8 to 7 it takes the side that has
 * one step more. Stored + 8, two a byte: values uint8 [out, blocks, block/2], scales [out, blocks]. Source: ggml's Q4_0.
 */
function fourBits(blocks: Tensor): QuantizedTensors {
  const [height, count, length] = blocks.shape
  const [high, low] = [max(blocks, { axes: [2] }), min(blocks, { axes: [2] })]
  const isHigh = cast(lessOrEqual(neg(low), high), 'float32')
  const extreme = add(mul(isHigh, high), mul(sub(constant(1), isHigh), low))
  const scale = nonZero(mul(extreme, constant(-1 / 8)))
  const shifted = add(round(div(blocks, scale)), constant(8))
  const stored = maximum(minimum(shifted, constant(15)), constant(0))
  const pairs = reshape(stored, { shape: [height, count, length / 2, 2] })
  const [first, second] = [0, 1].map((from) => slice(pairs, { axis: 3, from, to: from + 1 }))
  const bytes = cast(add(first, mul(second, constant(16))), 'uint8')
  return {
    values: reshape(bytes, { shape: [height, count, length / 2] }),
    scales: reshape(scale, { shape: [height, count] }),
  }
}

/** 0 becomes 1: a block of zeros divides by it and stays zeros. */
const nonZero = (x: Tensor): Tensor => add(x, cast(equal(x, constant(0)), 'float32'))
