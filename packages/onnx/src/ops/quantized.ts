// Products with weights of few bits. Two kinds, both onnxruntime's own: integers on both sides with a scale for each row
// and each output channel, and weights in blocks along their rows that the kernel reads as they are. Not differentiable.
import { OnnxError } from '../errors.js'
import type { OpSpec, Tensor } from '../ir.js'
import { apply, floatDType } from '../op.js'
import { printShape, sameShape, sizeOf } from '../shape.js'
import { constant, constantUint8 } from '../tensor.js'
import { maximum, mul, neg } from './elementwise.js'
import { reshape } from './movement.js'
import { max, min } from './reduce.js'

/** Activations as bytes: x ≈ (bytes − 128)/127 · largest, where `largest` is each row's own. */
export interface QuantizedRows {
  /** uint8, as x. */
  readonly bytes: Tensor
  /** float32, as x but 1 wide. */
  readonly largest: Tensor
}

const middle = 128
const levels = 127
/** Below this a row counts as zeros; 1/tiny is still a float32. */
const tiny = 1e-30

const quantizeOp: OpSpec = {
  onnx: 'QuantizeLinear',
  vjp: null,
  infer: ([x, , zero]) => ({ dtype: zero.dtype, shape: x.shape }),
}

/**
 * Quantizes each row over the last axis by its own largest value. By row, because few tokens are many times larger than
 * the others, and one scale for all would leave these a handful of levels.
 *
 * Two passes that read x, for the largest and the smallest value, and one that reads it and writes bytes: |x| and x / largest
 * as tensors of their own took as long again.
 */
export function quantizeRows(x: Tensor): QuantizedRows {
  floatDType('quantizeRows', [x])
  const largest = maximum(maximum(max(x, { axes: [-1] }), neg(min(x, { axes: [-1] }))), constant(tiny))
  const rows = sizeOf(largest.shape)
  const scales = reshape(mul(largest, constant(1 / levels)), { shape: [rows] })
  const zeros = constantUint8(new Array<number>(rows).fill(middle))
  const flat = reshape(x, { shape: [rows, x.shape.at(-1)!] })
  const bytes = apply(quantizeOp, [flat, scales, zeros], { axis: 0 })
  return { bytes: reshape(bytes, { shape: x.shape }), largest }
}

const integerProductOp: OpSpec = {
  onnx: 'MatMulIntegerToFloat',
  domain: 'com.microsoft',
  vjp: null,
  infer: ([a, w, , scales]) => {
    const [depth, columns] = w.shape
    const fits = w.shape.length === 2 && a.shape.at(-1) === depth && sameShape(scales.shape, [columns])
    if (!fits) {
      const got = [a, w, scales].map(({ shape }) => printShape(shape)).join(' ')
      throw new OnnxError('onnx/shape', `MatMulIntegerToFloat: expected [.., k] × [k, n] and scales [n], got ${got}`)
    }
    if (a.dtype !== 'uint8' || w.dtype !== 'int8') {
      throw new OnnxError('onnx/dtype', `MatMulIntegerToFloat: expected uint8 and int8, got ${a.dtype} and ${w.dtype}`)
    }
    return { dtype: 'float32', shape: [...a.shape.slice(0, -1), columns] }
  },
}

/** rows [.., in] × w [in, out] int8 with a scale for each output → [.., out] float32. */
export function integerProduct({ bytes, largest }: QuantizedRows, w: Tensor, scales: Tensor): Tensor {
  const operands = [bytes, w, constant(1 / levels), scales, constantUint8([middle], [])]
  return mul(apply(integerProductOp, operands), largest)
}

const blockProductOp: OpSpec = {
  onnx: 'MatMulNBits',
  domain: 'com.microsoft',
  vjp: null,
  infer: ([x, values, scales], attributes) => {
    const { K, N, bits, block_size: block } = attributes as Record<string, number>
    const fits =
      x.shape.at(-1) === K &&
      sameShape(values.shape, [N, K / block, (block * bits) / 8]) &&
      sameShape(scales.shape, [N, K / block])
    if (!fits) {
      const got = [x, values, scales].map(({ shape }) => printShape(shape)).join(' ')
      const rule = `[.., ${K}], blocks [${N}, ${K / block}, ${(block * bits) / 8}] and their scales`
      throw new OnnxError('onnx/shape', `MatMulNBits: expected ${rule}, got ${got}`)
    }
    return { dtype: floatDType('MatMulNBits', [x, scales]), shape: [...x.shape.slice(0, -1), N] }
  },
}

/**
 * x [.., in] × blocks of a weight [out, in]: uint8 [out, in/block, block·bits/8], two numbers a byte (first one low) at 4
 * bits; scales [out, in/block]; a number is (stored − 2^(bits − 1))·scale. → [.., out]. The kernel takes x in 8 bits.
 */
export function blockProduct(x: Tensor, values: Tensor, scales: Tensor, { bits }: { bits: 4 | 8 }): Tensor {
  const [N, count, bytes] = values.shape
  const block = (bytes * 8) / bits
  return apply(blockProductOp, [x, values, scales], { K: count * block, N, bits, block_size: block, accuracy_level: 4 })
}
