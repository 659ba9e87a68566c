// Makes the leaves of a graph: inputs, weights in files, and constants.
import { bytesOf, type DType } from './dtype.js'
import { OnnxError } from './errors.js'
import type { FileRange, Tensor } from './ir.js'
import { isPublicName } from './names.js'
import { checkShape, printShape, type Shape, sizeOf } from './shape.js'

/** A value given at every run. Throws `onnx/name`, `onnx/shape`. */
export function input(name: string, shape: Shape, dtype: DType = 'float32'): Tensor {
  checkName('input', name)
  checkShape(name, shape)
  return { dtype, shape, source: { kind: 'input', name } }
}

/**
 * A weight that stays in its file: the model only points at its bytes. `parts` are blocks of whole rows (along axis 0), in
 * order; they may lie in different files. Throws `onnx/name`, `onnx/shape`, `onnx/weight-range`.
 */
export function weight(name: string, dtype: DType, shape: Shape, parts: readonly FileRange[]): Tensor {
  checkName('weight', name)
  checkShape(name, shape)
  const problem = rangeProblem(dtype, shape, parts)
  if (problem) throw new OnnxError('onnx/weight-range', `${name}: ${problem}`)
  return { dtype, shape, source: { kind: 'weight', name, parts } }
}

/** What is wrong with the byte ranges of a weight, as "expected …, got …"; undefined when they fit. */
export function rangeProblem(dtype: DType, shape: Shape, parts: readonly FileRange[]): string | undefined {
  const whole = ({ offset, sizeBytes }: FileRange) =>
    Number.isSafeInteger(offset) && offset >= 0 && Number.isSafeInteger(sizeBytes) && sizeBytes > 0
  const odd = parts.find((part) => !whole(part))
  if (odd) return `expected an offset from 0 and a size from 1, got ${odd.offset} and ${odd.sizeBytes}`
  const needed = sizeOf(shape) * bytesOf(dtype)
  const held = parts.reduce((n, part) => n + part.sizeBytes, 0)
  if (held !== needed) return `expected ${needed} bytes for ${dtype} ${printShape(shape)}, got ${held}`
  if (parts.length === 1) return undefined
  const rowBytes = needed / (shape[0] ?? 1)
  const torn = parts.find((part) => part.sizeBytes % rowBytes !== 0)
  return torn && `expected parts of whole rows of ${rowBytes} bytes, got a part of ${torn.sizeBytes}`
}

/** Float32 constant. Without `shape` a scalar; a number fills the shape. Throws `onnx/shape`. */
export function constant(value: number | Float32Array | readonly number[], shape: Shape = []): Tensor {
  checkShape('constant', shape)
  const data = typeof value === 'number' ? new Float32Array(sizeOf(shape)).fill(value) : Float32Array.from(value)
  return constantOf('float32', shape, data)
}

/** Int64 constant; without `shape` a vector. Throws `onnx/shape`, `onnx/attribute`. */
export function constantInt64(values: readonly number[], shape: Shape = [values.length]): Tensor {
  checkShape('constant', shape)
  const odd = values.find((value) => !Number.isSafeInteger(value))
  if (odd !== undefined) throw new OnnxError('onnx/attribute', `constant: expected whole numbers, got ${odd}`)
  return constantOf('int64', shape, BigInt64Array.from(values, BigInt))
}

/** Uint8 constant; without `shape` a vector. Throws `onnx/shape`. */
export function constantUint8(values: readonly number[], shape: Shape = [values.length]): Tensor {
  checkShape('constant', shape)
  return constantOf('uint8', shape, Uint8Array.from(values))
}

function constantOf(dtype: DType, shape: Shape, data: Float32Array | BigInt64Array | Uint8Array): Tensor {
  if (data.length !== sizeOf(shape)) {
    const rule = `${sizeOf(shape)} values for ${printShape(shape)}`
    throw new OnnxError('onnx/shape', `constant: expected ${rule}, got ${data.length}`)
  }
  return { dtype, shape, source: { kind: 'constant', bytes: new Uint8Array(data.buffer) } }
}

function checkName(what: string, name: string): void {
  if (isPublicName(name)) return
  throw new OnnxError('onnx/name', `${what}: expected a name that is not empty and has no % in front, got "${name}"`)
}
