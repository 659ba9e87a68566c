// Makes the leaves of a graph: inputs, weights in files, and constants.
import { bytesOf, type DType } from './dtype.js'
import { OnnxError } from './errors.js'
import type { FileRange, Tensor } from './ir.js'
import { type Shape, sizeOf } from './shape.js'

/** A value given at every run. */
export function input(name: string, shape: Shape, dtype: DType = 'float32'): Tensor {
  checkShape(name, shape)
  return { dtype, shape, source: { kind: 'input', name } }
}

/** A weight that stays in its file: the model only points at its bytes. `parts` are row blocks in order. */
export function weight(name: string, dtype: DType, shape: Shape, parts: readonly FileRange[]): Tensor {
  checkShape(name, shape)
  const sizeBytes = parts.reduce((n, part) => n + part.sizeBytes, 0)
  if (sizeBytes !== sizeOf(shape) * bytesOf(dtype)) {
    throw new OnnxError(
      'onnx/shape',
      `${name}: expected ${sizeOf(shape) * bytesOf(dtype)} bytes for ${dtype} [${shape}], got ${sizeBytes}`,
    )
  }
  return { dtype, shape, source: { kind: 'weight', name, parts } }
}

/** Float32 constant. Without `shape` a scalar; a number fills the shape. */
export function constant(value: number | Float32Array | readonly number[], shape: Shape = []): Tensor {
  const data =
    typeof value === 'number' ? new Float32Array(sizeOf(shape)).fill(value) : Float32Array.from(value as Float32Array)
  return constantOf('float32', shape, data)
}

/** Int64 constant; without `shape` a vector. */
export function constantInt64(values: readonly number[], shape: Shape = [values.length]): Tensor {
  return constantOf('int64', shape, BigInt64Array.from(values, BigInt))
}

function constantOf(dtype: DType, shape: Shape, data: Float32Array | BigInt64Array): Tensor {
  checkShape('constant', shape)
  if (data.length !== sizeOf(shape)) {
    throw new OnnxError('onnx/shape', `constant: expected ${sizeOf(shape)} values for [${shape}], got ${data.length}`)
  }
  return { dtype, shape, source: { kind: 'constant', bytes: new Uint8Array(data.buffer) } }
}

function checkShape(where: string, shape: Shape): void {
  if (!shape.every((d) => Number.isSafeInteger(d) && d > 0)) {
    throw new OnnxError('onnx/shape', `${where}: expected positive whole dimensions, got [${shape}]`)
  }
}
