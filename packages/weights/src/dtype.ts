// The element types of the safetensors format that this package reads.

const sizes = {
  F64: 8,
  F32: 4,
  F16: 2,
  BF16: 2,
  F8_E4M3: 1,
  F8_E5M2: 1,
  I64: 8,
  I32: 4,
  I16: 2,
  I8: 1,
  U64: 8,
  U32: 4,
  U16: 2,
  U8: 1,
  BOOL: 1,
} as const

/** A dtype as spelled in a safetensors header. Data is little-endian. */
export type DType = keyof typeof sizes

export const dtypes = Object.keys(sizes) as readonly DType[]

export function isDType(value: unknown): value is DType {
  return typeof value === 'string' && Object.hasOwn(sizes, value)
}

/** Bytes of one element. */
export function dtypeSizeBytes(dtype: DType): number {
  return sizes[dtype]
}

/** Product of the dimensions; 1 for a scalar (`[]`). */
export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1)
}
