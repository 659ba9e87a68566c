// The header of a GGUF file: parsing and the rules that make its tensors readable. Pure.
// Format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md, versions 2 and 3.
import { type BlockDType, blockOf, type DType, elementCount, isBlockDType, storedBytes } from './dtype.js'
import { WeightsError } from './errors.js'

export interface GgufTensor {
  readonly name: string
  readonly dtype: DType
  /** Slowest dimension first, as elsewhere here; the file has them the other way round. */
  readonly shape: readonly number[]
  /** From the start of the file. */
  readonly offset: number
  readonly sizeBytes: number
}

export interface GgufHeader {
  /** Scalars as text; arrays are left out. */
  readonly metadata: ReadonlyMap<string, string>
  readonly tensors: readonly GgufTensor[]
}

/** The file goes on behind the bytes at hand: the caller reads more, or knows that there is no more. */
export class HeaderGoesOn extends Error {}

/** ggml_type → dtype. The rest (2 and 3 bits, importance matrices) is refused by name or number. */
const types: Readonly<Record<number, DType>> = {
  0: 'F32',
  1: 'F16',
  2: 'Q4_0',
  3: 'Q4_1',
  6: 'Q5_0',
  7: 'Q5_1',
  8: 'Q8_0',
  12: 'Q4_K',
  13: 'Q5_K',
  14: 'Q6_K',
  24: 'I8',
  25: 'I16',
  26: 'I32',
  27: 'I64',
  28: 'F64',
  30: 'BF16',
}
const refusedTypes: Readonly<Record<number, string>> = { 10: 'Q2_K', 11: 'Q3_K', 15: 'Q8_K' }

const magic = 0x46554747 // "GGUF"
/** ggml's own limits. */
const maxDimensions = 4
const maxArrayDepth = 4

/**
 * Parses and checks the header in the first bytes of a file of `fileBytes`: known types, whole blocks, every tensor
 * inside the file and none over another, no name twice. Throws WeightsError naming the place, HeaderGoesOn.
 */
export function parseGgufHeader(bytes: Uint8Array, fileBytes: number, where: string): GgufHeader {
  const cursor = new Cursor(bytes, where)
  if (cursor.u32() !== magic) cursor.invalid('the letters GGUF at the start', 'others')
  const version = cursor.u32()
  if (version !== 2 && version !== 3) cursor.invalid('version 2 or 3', String(version))
  const tensorCount = cursor.size('number of tensors')
  const valueCount = cursor.size('number of values')
  const metadata = new Map<string, string>()
  for (let i = 0; i < valueCount; i++) {
    const key = cursor.text()
    if (metadata.has(key)) duplicate(where, key)
    const value = readValue(cursor, cursor.u32(), 0)
    if (value !== undefined) metadata.set(key, value)
  }
  const alignment = Number(metadata.get('general.alignment') ?? 32)
  if (!Number.isSafeInteger(alignment) || alignment < 8 || alignment % 8 !== 0)
    cursor.invalid('an alignment in multiples of 8', String(alignment))
  const listed: GgufTensor[] = []
  const names = new Set<string>()
  for (let i = 0; i < tensorCount; i++) {
    const tensor = readTensorInfo(cursor, where)
    if (names.has(tensor.name)) duplicate(where, tensor.name)
    names.add(tensor.name)
    listed.push(tensor)
  }
  const dataStart = Math.ceil(cursor.position / alignment) * alignment
  const tensors = listed.map((tensor) => ({ ...tensor, offset: dataStart + tensor.offset }))
  checkPlaces(tensors, { alignment, fileBytes, where })
  return { metadata, tensors }
}

function readTensorInfo(cursor: Cursor, where: string): GgufTensor {
  const name = cursor.text()
  const at = `${where}: tensor ${name}`
  const dimensions = cursor.u32()
  if (dimensions > maxDimensions)
    throw new WeightsError('weights/shape-invalid', `${at}: expected at most 4 dimensions, got ${dimensions}`)
  const shape = Array.from({ length: dimensions }, () => cursor.size(`dimension of ${name}`)).reverse()
  const type = cursor.u32()
  const dtype = types[type]
  if (!dtype) {
    const known = Object.values(types).join(', ')
    const got = refusedTypes[type] ?? `type ${type}`
    throw new WeightsError('weights/dtype-unknown', `${at}: expected one of ${known}, got ${got}`)
  }
  const offset = cursor.size(`offset of ${name}`)
  const width = shape.at(-1) ?? 1
  if (isBlockDType(dtype) && width % blockOf(dtype).length !== 0)
    throw new WeightsError(
      'weights/shape-invalid',
      `${at}: expected rows in blocks of ${blockOf(dtype as BlockDType).length} for ${dtype}, got [${shape}]`,
    )
  const sizeBytes = storedBytes(dtype, elementCount(shape))
  if (!Number.isSafeInteger(elementCount(shape)) || !Number.isSafeInteger(sizeBytes))
    throw new WeightsError('weights/shape-invalid', `${at}: expected a size below 2^53, got [${shape}]`)
  return { name, dtype, shape, offset, sizeBytes }
}

interface Bounds {
  readonly alignment: number
  readonly fileBytes: number
  readonly where: string
}

function checkPlaces(tensors: readonly GgufTensor[], { alignment, fileBytes, where }: Bounds): void {
  let end = 0
  for (const { name, offset, sizeBytes } of tensors.toSorted((a, b) => a.offset - b.offset)) {
    const got = `bytes ${offset}..${offset + sizeBytes}`
    const rule =
      offset % alignment !== 0
        ? `a start on a multiple of ${alignment}`
        : offset < end
          ? `no tensor over another, which ends at ${end}`
          : offset + sizeBytes > fileBytes
            ? `data within the file of ${fileBytes} bytes`
            : undefined
    if (rule)
      throw new WeightsError('weights/offsets-invalid', `${where}: tensor ${name}: expected ${rule}, got ${got}`)
    end = offset + sizeBytes
  }
}

/** Bytes of each scalar type: u8 i8 u16 i16 u32 i32 f32 bool, then string and array, then u64 i64 f64. */
const scalarBytes = [1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8]
const [stringType, arrayType] = [8, 9]

/** A value as text; undefined for an array, of which nobody here has a use. */
function readValue(cursor: Cursor, type: number, depth: number): string | undefined {
  if (type === stringType) return cursor.text()
  if (type === arrayType) {
    if (depth === maxArrayDepth) cursor.invalid(`arrays at most ${maxArrayDepth} deep`, 'deeper ones')
    const inner = cursor.u32()
    const count = cursor.size('length of an array')
    const width = scalarBytes[inner]
    if (width) cursor.skip(count * width)
    else for (let i = 0; i < count; i++) readValue(cursor, inner, depth + 1)
    return undefined
  }
  if (!scalarBytes[type]) cursor.invalid('a value of type 0 to 12', String(type))
  return cursor.scalar(type)
}

/** Reads forward; whatever would leave the bytes throws HeaderGoesOn before anything is allocated for it. */
class Cursor {
  position = 0
  readonly #bytes: Uint8Array
  readonly #view: DataView
  readonly #where: string

  constructor(bytes: Uint8Array, where: string) {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#where = where
  }

  /** Steps over `count` bytes and returns where they begin. */
  skip(count: number): number {
    if (count > this.#bytes.byteLength - this.position) throw new HeaderGoesOn()
    this.position += count
    return this.position - count
  }

  u32(): number {
    return this.#view.getUint32(this.skip(4), true)
  }

  /** A u64 that counts something. */
  size(what: string): number {
    const value = this.#view.getBigUint64(this.skip(8), true)
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) this.invalid(`a ${what} below 2^53`, String(value))
    return Number(value)
  }

  text(): string {
    const length = this.size('length of a text')
    const start = this.skip(length)
    try {
      return new TextDecoder('utf-8', { fatal: true }).decode(this.#bytes.subarray(start, start + length))
    } catch {
      return this.invalid('UTF-8', 'other bytes')
    }
  }

  scalar(type: number): string {
    const at = this.skip(scalarBytes[type]!)
    const view = this.#view
    const readers = [
      () => view.getUint8(at),
      () => view.getInt8(at),
      () => view.getUint16(at, true),
      () => view.getInt16(at, true),
      () => view.getUint32(at, true),
      () => view.getInt32(at, true),
      () => view.getFloat32(at, true),
      () => view.getUint8(at) !== 0,
      ...[() => '', () => ''],
      () => view.getBigUint64(at, true),
      () => view.getBigInt64(at, true),
      () => view.getFloat64(at, true),
    ]
    return String(readers[type]!())
  }

  invalid(rule: string, got: string): never {
    throw new WeightsError(
      'weights/header-invalid',
      `${this.#where}: byte ${this.position}: expected ${rule}, got ${got}`,
    )
  }
}

function duplicate(where: string, name: string): never {
  throw new WeightsError('weights/header-duplicate-key', `${where}: expected every name once, got ${name} again`)
}
