// Tensors and what goes into them
export { bytesOf, type DType, dtypes, isFloat } from './dtype.js'
export { printShape, type Shape, sameShape, sizeOf } from './shape.js'
export { OnnxError, type OnnxErrorCode, onnxErrorCodes } from './errors.js'
export type { Attributes, FileRange, OpSpec, Tensor, Vjp } from './ir.js'
export { constant, constantInt64, constantUint8, input, weight } from './tensor.js'

// Operations
export { apply, define, type Op } from './op.js'
export {
  abs,
  add,
  cast,
  div,
  equal,
  exp,
  geluTanh,
  lessOrEqual,
  log,
  maximum,
  minimum,
  mul,
  neg,
  quickGelu,
  round,
  sigmoid,
  sign,
  silu,
  sqrt,
  sub,
  tanh,
} from './ops/elementwise.js'
export { linear, matmul } from './ops/linalg.js'
export { conv2d } from './ops/conv.js'
export { type AttentionOptions, attention } from './ops/attention.js'
export { upsampleNearest2x } from './ops/resize.js'
export { concat, expand, pad, reshape, slice, transpose } from './ops/movement.js'
export { gather } from './ops/gather.js'
export { groupNorm, layerNorm, rmsNorm, rotate } from './ops/norm.js'
export { blockProduct, integerProduct, type QuantizedRows, quantizeRows } from './ops/quantized.js'
export { max, mean, min, softmax, sum, sumOfSquares } from './ops/reduce.js'

// Graphs
export { type Graph, graph, graphInputs } from './graph.js'
export { gradients } from './autodiff.js'
export { recomputed, waitingFor } from './recompute.js'
export { fusedAttentionTypes, withoutFusedAttention } from './ops/plain-attention.js'
export { problemsOf, verify } from './verify.js'
export { print } from './print.js'
export { type GraphMemory, memoryOf, weightFilesOf } from './memory.js'
export { emit } from './emit.js'
