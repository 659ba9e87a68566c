// Products: matrix product and linear layer.
import { OnnxError } from '../errors.js'
import type { OpSpec, Tensor } from '../ir.js'
import { apply, checkRank, define, floatDType, numberDType, type Op } from '../op.js'
import { matmulShape, printShape, sameShape, sizeOf } from '../shape.js'
import { reshape, transpose } from './movement.js'

/** Matrix product over the last two axes: [.., m, k] × [.., k, n] → [.., m, n]. */
export const matmul: Op<2> = define({
  onnx: 'MatMul',
  vjp: (g, [a, b]) => [matmul(g, swapLast(b)), matmul(swapLast(a), g)],
  infer: (inputs) => ({
    dtype: numberDType('MatMul', inputs),
    shape: matmulShape('MatMul', inputs[0].shape, inputs[1].shape),
  }),
})

/** The last two axes swapped: [.., m, n] → [.., n, m]. */
export function swapLast(x: Tensor): Tensor {
  const last = x.shape.length - 1
  return transpose(x, { perm: x.shape.map((_, i) => (i < last - 1 ? i : last - 1 + (last - i))) })
}

/** a·b (+ c) with either factor transposed: [m, k] × [k, n] + [n] → [m, n]. */
const gemm: OpSpec = {
  onnx: 'Gemm',
  vjp: (g, [a, b, c], _, { transA, transB }) => {
    // y = A·B with A = aᵀ or a: dA = g·Bᵀ, dB = Aᵀ·g, each transposed back where its factor was.
    const da = transA ? product(b, g, transB as number, 1) : product(g, b, 0, 1 - (transB as number))
    const db = transB ? product(g, a, 1, transA as number) : product(a, g, 1 - (transA as number), 0)
    return [da, db, ...(c ? [g] : [])]
  },
  infer: (inputs, { transA, transB }) => {
    const [a, b, c] = inputs
    checkRank('Gemm', a, 2)
    checkRank('Gemm', b, 2)
    const [rows, width] = transA ? a.shape.toReversed() : a.shape
    const [depth, columns] = transB ? b.shape.toReversed() : b.shape
    if (width !== depth || (c && !sameShape(c.shape, [columns]))) {
      const got = inputs.map((t) => printShape(t.shape)).join(' ')
      const rule = `[m, k]${transA ? 'ᵀ' : ''} × [k, n]${transB ? 'ᵀ' : ''} + [n]`
      throw new OnnxError('onnx/shape', `Gemm: expected ${rule}, got ${got}`)
    }
    return { dtype: floatDType('Gemm', inputs), shape: [rows, columns] }
  },
}

const product = (a: Tensor, b: Tensor, transA: number, transB: number): Tensor =>
  apply(gemm, [a, b], { transA, transB })

/** Linear layer with its weight as checkpoints hold it: x [.., in], w [out, in], b [out] → [.., out]. */
export function linear(x: Tensor, w: Tensor, b?: Tensor): Tensor {
  const width = x.shape[x.shape.length - 1]
  const rows = sizeOf(x.shape) / width
  const operands = [reshape(x, { shape: [rows, width] }), w, ...(b ? [b] : [])]
  const y = apply(gemm, operands, { transA: 0, transB: 1 })
  return reshape(y, { shape: [...x.shape.slice(0, -1), w.shape[0]] })
}
