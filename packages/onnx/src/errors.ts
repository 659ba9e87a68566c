// Errors of graph building. Shapes come from configs and files that users supply, so a shape that does not fit is typed.

/** Every code this package throws, with its meaning. */
export const onnxErrorCodes = {
  'onnx/shape': 'operand shapes do not fit the operation',
  'onnx/dtype': 'operand element types do not fit the operation',
  'onnx/name': 'an input, weight or output has a name that emission needs for itself',
  'onnx/weight-range': 'the byte ranges of a weight do not hold whole rows of its type and shape',
  'onnx/attribute': 'an attribute is out of its range',
  'onnx/not-differentiable': 'a gradient is asked for through an operation that has none',
  'onnx/invalid-graph': 'the verifier found a graph that contradicts itself',
} as const

export type OnnxErrorCode = keyof typeof onnxErrorCodes

export class OnnxError extends Error {
  readonly userFault = true as const
  constructor(
    readonly code: OnnxErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options)
    this.name = 'OnnxError'
  }
}
