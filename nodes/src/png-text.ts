// Texts inside PNG files: a walk over the chunks with every bound checked (PNG specification, third edition, 5 and 11.3.3).
import { crc32, inflateSync } from 'node:zlib'
import { NodesError } from './errors.js'

const signature = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)

/** Compressed texts may claim to be anything; beyond this, all of a file together, they are refused instead of unpacked. */
const maxUnpackedBytes = 64 * 1024 * 1024

interface Chunk {
  readonly type: string
  readonly data: Uint8Array
  /** Where the chunk, with its length and checksum, lies in the file. */
  readonly start: number
  readonly end: number
}

/** True when the bytes begin as every PNG file does. */
export function isPng(bytes: Uint8Array): boolean {
  return signature.every((byte, i) => bytes[i] === byte)
}

/**
 * All texts of a PNG file by keyword, from tEXt, zTXt and iTXt chunks; of two with one keyword the last counts.
 * Throws nodes/png-malformed for cut or damaged files and for texts that together unpack to more than 64 MiB.
 */
export function readPngTexts(png: Uint8Array): Map<string, string> {
  const texts = new Map<string, string>()
  let leftBytes = maxUnpackedBytes
  const unpack = (data: Uint8Array): Uint8Array => {
    const unpacked = inflate(data, leftBytes)
    leftBytes -= unpacked.length
    return unpacked
  }
  for (const chunk of chunks(png)) {
    if (isText(chunk)) texts.set(keywordOf(chunk), textOf(chunk, unpack))
  }
  return texts
}

/**
 * The file with these texts as uncompressed iTXt chunks before the pixels; what it had under the same keywords is gone.
 * Keywords: 1 to 79 Latin letters, digits or spaces.
 */
export function writePngTexts(png: Uint8Array, texts: Readonly<Record<string, string>>): Uint8Array {
  const parts: Uint8Array[] = [signature]
  for (const chunk of chunks(png)) {
    if (isText(chunk) && Object.hasOwn(texts, keywordOf(chunk))) continue
    parts.push(png.subarray(chunk.start, chunk.end))
    if (chunk.type === 'IHDR') parts.push(...Object.entries(texts).map(([key, value]) => textChunk(key, value)))
  }
  return concat(parts)
}

function chunks(png: Uint8Array): Chunk[] {
  if (!isPng(png)) malformed('the signature of a PNG file', 'other bytes')
  const view = new DataView(png.buffer, png.byteOffset, png.byteLength)
  const found: Chunk[] = []
  for (let start = signature.length; found.at(-1)?.type !== 'IEND'; ) {
    if (png.length - start < 12) malformed('another chunk', `the end of the file at byte ${start}`)
    const length = view.getUint32(start)
    const end = start + 12 + length
    if (end > png.length) malformed(`a chunk of ${length} bytes at ${start}`, `${png.length} bytes in all`)
    const type = latin1(png.subarray(start + 4, start + 8))
    if (!/^[A-Za-z]{4}$/.test(type)) malformed(`a chunk type of four letters at ${start + 4}`, JSON.stringify(type))
    if (found.length === 0 && type !== 'IHDR') malformed('IHDR as the first chunk', type)
    const sum = crc32(png.subarray(start + 4, end - 4))
    if (sum !== view.getUint32(end - 4)) malformed(`a ${type} chunk with checksum ${sum}`, `${view.getUint32(end - 4)}`)
    found.push({ type, data: png.subarray(start + 8, end - 4), start, end })
    start = end
  }
  return found
}

const isText = ({ type }: Chunk): boolean => type === 'tEXt' || type === 'zTXt' || type === 'iTXt'

const keywordOf = ({ type, data }: Chunk): string => latin1(cutAtNul(data, type)[0])

function textOf({ type, data }: Chunk, unpack: (data: Uint8Array) => Uint8Array): string {
  const [, rest] = cutAtNul(data, type)
  if (type === 'tEXt') return latin1(rest)
  if (type === 'zTXt') {
    if (rest[0] !== 0) malformed('compression method 0 in a zTXt chunk', `${rest[0]}`)
    return latin1(unpack(rest.subarray(1)))
  }
  const [compressed, method] = rest
  if (!(compressed === 0 || (compressed === 1 && method === 0))) malformed('an iTXt chunk', `compression ${compressed}`)
  const [, afterLanguage] = cutAtNul(rest.subarray(2), type)
  const [, body] = cutAtNul(afterLanguage, type)
  return utf8(compressed === 1 ? unpack(body) : body)
}

/** Keyword, no compression, no language, no translated keyword, text. */
function textChunk(keyword: string, value: string): Uint8Array {
  if (!/^[A-Za-z0-9][A-Za-z0-9 ]{0,78}$/.test(keyword)) throw new Error(`internal: PNG keyword "${keyword}"`)
  const head = new TextEncoder().encode(`iTXt${keyword}\0\0\0\0\0`)
  const body = concat([head, new TextEncoder().encode(value)])
  const chunk = new Uint8Array(body.length + 8)
  const view = new DataView(chunk.buffer)
  view.setUint32(0, body.length - 4)
  chunk.set(body, 4)
  view.setUint32(chunk.length - 4, crc32(body))
  return chunk
}

function cutAtNul(data: Uint8Array, type: string): [Uint8Array, Uint8Array] {
  const at = data.indexOf(0)
  if (at < 0) malformed(`a NUL inside a ${type} chunk`, 'none')
  return [data.subarray(0, at), data.subarray(at + 1)]
}

/** `leftBytes` may be 0, when only an empty text fits. */
function inflate(data: Uint8Array, leftBytes: number): Uint8Array {
  try {
    const unpacked = inflateSync(data, { maxOutputLength: Math.max(1, leftBytes) })
    if (unpacked.length <= leftBytes) return unpacked
  } catch (cause) {
    return malformed(unpackedRule, (cause as Error).message, cause)
  }
  return malformed(unpackedRule, 'more')
}

const unpackedRule = `compressed texts of at most ${maxUnpackedBytes} bytes in all`

function utf8(data: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(data)
  } catch (cause) {
    return malformed('a text in UTF-8', 'other bytes', cause)
  }
}

/** Latin-1 proper: TextDecoder's is Windows-1252. */
const latin1 = (data: Uint8Array): string =>
  Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('latin1')

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

function malformed(rule: string, got: string, cause?: unknown): never {
  throw new NodesError('nodes/png-malformed', `PNG: expected ${rule}, got ${got}`, { cause })
}
