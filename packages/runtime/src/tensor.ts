/** Tensors as they cross the process border: a dtype, a shape and one flat typed array, row-major. */

/** Each dtype with the array that carries it. float16 travels as its raw bits; bool as 0 and 1. */
export const tensorArrays = {
  float32: Float32Array,
  float16: Uint16Array,
  int64: BigInt64Array,
  int32: Int32Array,
  uint8: Uint8Array,
  int8: Int8Array,
  bool: Uint8Array,
} as const

export type DType = keyof typeof tensorArrays

export type TensorArray = Float32Array | Uint16Array | BigInt64Array | Int32Array | Uint8Array | Int8Array

export interface TensorData {
  readonly dtype: DType
  readonly shape: readonly number[]
  readonly data: TensorArray
}

/** An input or output of a model. A string in the shape is a named size that each run may choose. */
export interface TensorSpec {
  readonly name: string
  readonly dtype: string
  readonly shape: readonly (number | string)[]
}

/** Number of elements of a shape; 1 for a scalar. */
export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1)
}
