// Element types: our names, ONNX's numbers (onnx.proto TensorProto.DataType) and sizes.

const table = {
  float32: { onnx: 1, bytes: 4, short: 'f32' },
  uint8: { onnx: 2, bytes: 1, short: 'u8' },
  int8: { onnx: 3, bytes: 1, short: 'i8' },
  int32: { onnx: 6, bytes: 4, short: 'i32' },
  int64: { onnx: 7, bytes: 8, short: 'i64' },
  bool: { onnx: 9, bytes: 1, short: 'bool' },
  float16: { onnx: 10, bytes: 2, short: 'f16' },
  float64: { onnx: 11, bytes: 8, short: 'f64' },
  bfloat16: { onnx: 16, bytes: 2, short: 'bf16' },
  float8e4m3fn: { onnx: 17, bytes: 1, short: 'f8e4m3' },
  float8e5m2: { onnx: 19, bytes: 1, short: 'f8e5m2' },
} as const

export type DType = keyof typeof table

export const dtypes = Object.keys(table) as DType[]

/** Size of one element in bytes. */
export const bytesOf = (dtype: DType): number => table[dtype].bytes

/** Number of the type in TensorProto.DataType. */
export const onnxNumberOf = (dtype: DType): number => table[dtype].onnx

/** Name in the printed form, such as `f32`. */
export const shortNameOf = (dtype: DType): string => table[dtype].short

const storageOnly: readonly DType[] = ['bool', 'float8e4m3fn', 'float8e5m2']
const floats: readonly DType[] = ['float32', 'float16', 'float64', 'bfloat16']

/** True for types that softmax, norms and gradients are defined on. fp8 is storage only. */
export const isFloat = (dtype: DType): boolean => floats.includes(dtype)

/** True for types that can be added and multiplied. */
export const isNumber = (dtype: DType): boolean => !storageOnly.includes(dtype)
