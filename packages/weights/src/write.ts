// Writes safetensors files: streaming, atomic, and byte for byte as the official writer does.
import { writeAtomic } from '@dreamgraph/store'
import { type DType, elementCount, isBlockDType, storedBytes } from './dtype.js'
import { encodeFloats } from './encode.js'
import { WeightsError } from './errors.js'
import { maxHeaderBytes } from './header.js'

/** Bytes as stored, or numbers to be encoded as the tensor's dtype. */
export type TensorData = Uint8Array | Float32Array

export interface TensorSource {
  readonly name: string
  readonly dtype: DType
  readonly shape: readonly number[]
  /** a function is called when its turn comes, so that only one tensor need be in memory */
  readonly data: TensorData | (() => Promise<TensorData>)
}

export interface WriteOptions {
  /** given: for tensors that are made in a certain order. Readers take both. */
  readonly order?: 'official' | 'given'
}

/**
 * Writes `path` in one step: the old file or the whole new one. Tensors lie widest dtype first, then by name,
 * unless told.
 * Throws WeightsError `weights/write-invalid` when names repeat or data does not have the size of its shape.
 */
export async function writeSafetensors(
  path: string,
  tensors: Iterable<TensorSource>,
  metadata: Readonly<Record<string, string>> = {},
  { order = 'official' }: WriteOptions = {},
): Promise<void> {
  const ordered = order === 'given' ? [...tensors] : [...tensors].sort(byWidthAndName)
  const header = encodeHeader(path, ordered, metadata)
  await writeAtomic(path, async (sink) => {
    await sink.write(header)
    for (const tensor of ordered) {
      const at = `${path}: tensor ${tensor.name}`
      const data = typeof tensor.data === 'function' ? await tensor.data() : tensor.data
      const bytes = data instanceof Float32Array ? encodeFloats(data, tensor.dtype, at) : data
      if (bytes.byteLength !== sizeBytes(tensor))
        invalid(at, `${sizeBytes(tensor)} bytes for ${tensor.dtype} [${tensor.shape}]`, `${bytes.byteLength}`)
      await sink.write(bytes)
    }
  })
}

/** u64 length and JSON, padded with spaces so that data begins on a multiple of 8. */
function encodeHeader(
  path: string,
  ordered: readonly TensorSource[],
  metadata: Readonly<Record<string, string>>,
): Uint8Array {
  const entries: [string, unknown][] = []
  if (Object.keys(metadata).length > 0) entries.push(['__metadata__', metadata])
  const names = new Set(['__metadata__'])
  let position = 0
  for (const tensor of ordered) {
    if (names.has(tensor.name)) invalid(path, 'every name once, and not __metadata__', tensor.name)
    names.add(tensor.name)
    if (isBlockDType(tensor.dtype)) invalid(path, `a dtype of safetensors for ${tensor.name}`, tensor.dtype)
    const end = position + sizeBytes(tensor)
    if (!Number.isSafeInteger(end) || end < position)
      invalid(path, `a shape of sizes for ${tensor.name}`, `[${tensor.shape}]`)
    entries.push([tensor.name, { dtype: tensor.dtype, shape: tensor.shape, data_offsets: [position, end] }])
    position = end
  }
  // Joined by hand: an object would move names like "1" to its front.
  const text = `{${entries.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join(',')}}`
  const json = new TextEncoder().encode(text)
  const length = Math.ceil(json.byteLength / 8) * 8
  if (length > maxHeaderBytes) invalid(path, `a header of at most ${maxHeaderBytes} bytes`, `${length}`)
  const header = new Uint8Array(8 + length).fill(0x20)
  new DataView(header.buffer).setBigUint64(0, BigInt(length), true)
  header.set(json, 8)
  return header
}

/** The official order of dtypes, narrowest first; data of a wider dtype comes earlier, which keeps all of it aligned. */
const narrowToWide: readonly DType[] = [
  'BOOL',
  'U8',
  'I8',
  'F8_E5M2',
  'F8_E4M3',
  'I16',
  'U16',
  'F16',
  'BF16',
  'I32',
  'U32',
  'F32',
  'F64',
  'I64',
  'U64',
]

const byWidthAndName = (a: TensorSource, b: TensorSource): number =>
  dtypeRank(b.dtype) - dtypeRank(a.dtype) || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0)

function dtypeRank(dtype: DType): number {
  return narrowToWide.indexOf(dtype)
}

function sizeBytes(tensor: TensorSource): number {
  return storedBytes(tensor.dtype, elementCount(tensor.shape))
}

function invalid(where: string, rule: string, got: string): never {
  throw new WeightsError('weights/write-invalid', `${where}: expected ${rule}, got ${got}`)
}
