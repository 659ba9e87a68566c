export { bytesOf, type DType, dtypes, isFloat } from './dtype.js'
export { emit } from './emit.js'
export { OnnxError, type OnnxErrorCode, onnxErrorCodes } from './errors.js'
export { type Graph, graph, graphInputs } from './graph.js'
export type { Attributes, FileRange, OpSpec, Tensor, Vjp } from './ir.js'
export { type GraphMemory, memoryOf } from './memory.js'
export { apply, define, type Op } from './op.js'
export {
  add,
  cast,
  div,
  exp,
  geluTanh,
  mul,
  neg,
  quickGelu,
  sigmoid,
  silu,
  sqrt,
  sub,
  tanh,
} from './ops/elementwise.js'
export { type AttentionOptions, attention, conv2d, linear, matmul } from './ops/linalg.js'
export { concat, expand, gather, reshape, slice, transpose, upsampleNearest2x } from './ops/movement.js'
export { groupNorm, layerNorm, rmsNorm, rotate } from './ops/norm.js'
export { withoutFusedAttention } from './ops/plain-attention.js'
export { mean, softmax, sum } from './ops/reduce.js'
export { print } from './print.js'
export { printShape, type Shape, sameShape, sizeOf } from './shape.js'
export { constant, constantInt64, input, weight } from './tensor.js'
export { problemsOf, verify } from './verify.js'
