// The element types of checkpoints that this package reads: one number each, or blocks of numbers that share their scales.

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

/** Block formats of GGUF: so many numbers along the last axis lie in so many bytes, scales included. */
const blocks = {
  Q4_0: { length: 32, sizeBytes: 18 },
  Q4_1: { length: 32, sizeBytes: 20 },
  Q5_0: { length: 32, sizeBytes: 22 },
  Q5_1: { length: 32, sizeBytes: 24 },
  Q8_0: { length: 32, sizeBytes: 34 },
  Q4_K: { length: 256, sizeBytes: 144 },
  Q5_K: { length: 256, sizeBytes: 176 },
  Q6_K: { length: 256, sizeBytes: 210 },
} as const

/** A dtype as spelled in a safetensors header. Data is little-endian. */
export type ElementDType = keyof typeof sizes

/** A dtype of GGUF whose numbers come in blocks. */
export type BlockDType = keyof typeof blocks

export type DType = ElementDType | BlockDType

/** What a safetensors header may name. */
export const dtypes = Object.keys(sizes) as readonly ElementDType[]

export function isDType(value: unknown): value is ElementDType {
  return typeof value === 'string' && Object.hasOwn(sizes, value)
}

export function isBlockDType(dtype: DType): dtype is BlockDType {
  return Object.hasOwn(blocks, dtype)
}

/** Numbers in a block, and its bytes. */
export function blockOf(dtype: BlockDType): { readonly length: number; readonly sizeBytes: number } {
  return blocks[dtype]
}

/** Bytes of one element. */
export function dtypeSizeBytes(dtype: ElementDType): number {
  return sizes[dtype]
}

/** Bytes of so many elements; of a block dtype, whole blocks. */
export function storedBytes(dtype: DType, elements: number): number {
  if (!isBlockDType(dtype)) return elements * sizes[dtype]
  const { length, sizeBytes } = blocks[dtype]
  return (elements / length) * sizeBytes
}

/** Product of the dimensions; 1 for a scalar (`[]`). */
export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1)
}
