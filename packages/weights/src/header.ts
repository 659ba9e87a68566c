// The JSON header of a safetensors file: parsing and the rules that the official reader enforces. Pure.
import { dtypeSizeBytes, dtypes, type ElementDType, isDType } from './dtype.js'
import { WeightsError } from './errors.js'

/** The format's own cap on the header. */
export const maxHeaderBytes = 100_000_000

export interface HeaderTensor {
  readonly name: string
  readonly dtype: ElementDType
  readonly shape: readonly number[]
  /** byte range within the data section */
  readonly begin: number
  readonly end: number
}

export interface Header {
  readonly metadata: ReadonlyMap<string, string>
  /** in order of their data */
  readonly tensors: readonly HeaderTensor[]
}

/**
 * Parses and checks a header: known dtypes, shape × dtype = byte length, data contiguous from 0 to `dataBytes` without
 * hole or overlap, no name twice. Throws WeightsError naming `where` and the tensor.
 */
export function parseHeader(json: Uint8Array, dataBytes: number, where: string): Header {
  const text = decodeUtf8(json, where)
  // The format wants '{' as the very first byte; padding with spaces is allowed at the end only.
  if (!text.startsWith('{')) invalid(where, 'a header that begins with {', JSON.stringify(text.slice(0, 16)))
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch (cause) {
    throw new WeightsError('weights/header-invalid', `${where}: expected a JSON header, got ${messageOf(cause)}`, {
      cause,
    })
  }
  refuseDuplicates(text, parsed as object, where)
  const entries = Object.entries(parsed as object)
  const metadata = parseMetadata(entries.find(([name]) => name === '__metadata__')?.[1], where)
  const tensors = entries
    .filter(([name]) => name !== '__metadata__')
    .map(([name, info]) => parseTensor(name, info, where))
    .sort((a, b) => a.begin - b.begin || a.end - b.end)
  checkContiguous(tensors, dataBytes, where)
  return { metadata, tensors }
}

function parseTensor(name: string, info: unknown, where: string): HeaderTensor {
  const at = `${where}: tensor ${name}`
  if (!isRecord(info)) invalid(at, 'an object', shown(info))
  const { dtype, shape, data_offsets: offsets } = info
  if (!isDType(dtype))
    throw new WeightsError(
      'weights/dtype-unknown',
      `${at}: expected a dtype of ${dtypes.join(', ')}, got ${shown(dtype)}`,
    )
  if (!Array.isArray(shape) || !shape.every(isSize))
    throw new WeightsError('weights/shape-invalid', `${at}: expected a shape of sizes, got ${shown(shape)}`)
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isSize))
    throw new WeightsError(
      'weights/offsets-invalid',
      `${at}: expected data_offsets [begin, end], got ${shown(offsets)}`,
    )
  const [begin, end] = offsets as [number, number]
  if (end < begin)
    throw new WeightsError('weights/offsets-invalid', `${at}: expected begin <= end, got [${begin}, ${end}]`)
  const sizeBytes = checkedSize(shape as number[], dtype, at)
  if (sizeBytes !== end - begin)
    throw new WeightsError(
      'weights/size-mismatch',
      `${at}: expected ${sizeBytes} bytes for ${dtype} [${shape}], got ${end - begin}`,
    )
  return { name, dtype, shape: shape as number[], begin, end }
}

/** Multiplies with an overflow check at each step, as the official reader does: [0, 2^60] overflows even though empty. */
function checkedSize(shape: readonly number[], dtype: ElementDType, at: string): number {
  let size = dtypeSizeBytes(dtype)
  for (const dim of shape) {
    size *= dim
    if (!Number.isSafeInteger(size))
      throw new WeightsError('weights/shape-invalid', `${at}: expected a size below 2^53 bytes, got shape [${shape}]`)
  }
  return size
}

function checkContiguous(tensors: readonly HeaderTensor[], dataBytes: number, where: string): void {
  let position = 0
  for (const { name, begin, end } of tensors) {
    if (begin !== position)
      throw new WeightsError(
        'weights/offsets-invalid',
        `${where}: tensor ${name}: expected data from byte ${position} (no hole, no overlap), got ${begin}`,
      )
    position = end
  }
  if (position !== dataBytes)
    throw new WeightsError(
      'weights/offsets-invalid',
      `${where}: expected ${position} bytes of data after the header, got ${dataBytes}`,
    )
}

function parseMetadata(value: unknown, where: string): ReadonlyMap<string, string> {
  if (value === undefined) return new Map()
  const entries = isRecord(value) ? Object.entries(value) : undefined
  const wrong = entries?.find(([, text]) => typeof text !== 'string')
  if (!entries || wrong)
    throw new WeightsError(
      'weights/metadata-invalid',
      `${where}: expected __metadata__ to map strings to strings, got ${wrong ? `${wrong[0]}: ${shown(wrong[1])}` : shown(value)}`,
    )
  return new Map(entries as [string, string][])
}

/**
 * JSON.parse keeps the last of two equal keys, silently. A key shows as one colon outside of strings, so more colons
 * than surviving keys means that some key was swallowed.
 */
function refuseDuplicates(text: string, parsed: object, where: string): void {
  const colons = countColons(text)
  const keys = countKeys(parsed)
  if (colons !== keys)
    throw new WeightsError(
      'weights/header-duplicate-key',
      `${where}: expected every name once in the header, got ${colons - keys} repeated`,
    )
}

/** Colons outside of strings. By hand: a regular expression would run out of stack on strings of many megabytes. */
function countColons(json: string): number {
  let count = 0
  let isInString = false
  for (let i = 0; i < json.length; i++) {
    const char = json[i]
    if (char === '"') isInString = !isInString
    else if (isInString && char === '\\') i++
    else if (!isInString && char === ':') count++
  }
  return count
}

/** Keys of all objects below, counted without recursion: a hostile header may nest deeply. */
function countKeys(root: object): number {
  let count = 0
  const pending = [root]
  for (let next = pending.pop(); next; next = pending.pop()) {
    if (!Array.isArray(next)) count += Object.keys(next).length
    for (const child of Object.values(next)) if (typeof child === 'object' && child !== null) pending.push(child)
  }
  return count
}

function decodeUtf8(bytes: Uint8Array, where: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (cause) {
    throw new WeightsError('weights/header-invalid', `${where}: expected a UTF-8 header, got other bytes`, { cause })
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isSize(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

function invalid(where: string, rule: string, got: string): never {
  throw new WeightsError('weights/header-invalid', `${where}: expected ${rule}, got ${got}`)
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing'
  return text.length > 80 ? `${text.slice(0, 77)}...` : text
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}
