// GGUF files for tests, written by the format's document and independently of the reader.
import { writeFile } from 'node:fs/promises'

export interface GgufSource {
  readonly name: string
  /** ggml_type */
  readonly type: number
  /** Slowest dimension first. */
  readonly shape: readonly number[]
  readonly data: Uint8Array
}

export interface GgufFile {
  readonly version?: number
  readonly alignment?: number
  /** Texts beside `general.architecture`. */
  readonly texts?: Readonly<Record<string, string>>
  /** Raw bytes of further values, each with its key. */
  readonly values?: readonly Uint8Array[]
  readonly tensors: readonly GgufSource[]
}

const alignUp = (value: number, alignment: number): number => Math.ceil(value / alignment) * alignment

export const u32 = (value: number): Uint8Array => new Uint8Array(Uint32Array.of(value).buffer)
export const u64 = (value: number | bigint): Uint8Array => new Uint8Array(BigUint64Array.of(BigInt(value)).buffer)
export const text = (value: string): Uint8Array => {
  const bytes = new TextEncoder().encode(value)
  return Buffer.concat([u64(bytes.byteLength), bytes])
}

/** Header and data of a file. */
export function ggufBytes({ version = 3, alignment = 32, texts = {}, values = [], tensors }: GgufFile): Uint8Array {
  const pairs = Object.entries({ 'general.architecture': 'flux', ...texts })
  const kept = [
    ...pairs.map(([key, value]) => Buffer.concat([text(key), u32(8), text(value)])),
    Buffer.concat([text('general.alignment'), u32(4), u32(alignment)]),
    ...values,
  ]
  let offset = 0
  const infos = tensors.map(({ name, type, shape, data }) => {
    const info = [text(name), u32(shape.length), ...shape.toReversed().map(u64), u32(type), u64(offset)]
    offset = alignUp(offset + data.byteLength, alignment)
    return Buffer.concat(info)
  })
  const head = [new TextEncoder().encode('GGUF'), u32(version), u64(tensors.length), u64(kept.length)]
  const header = Buffer.concat([...head, ...kept, ...infos])
  const start = alignUp(header.byteLength, alignment)
  const padded = tensors.map(({ data }) => Buffer.concat([data], alignUp(data.byteLength, alignment)))
  return Buffer.concat([Buffer.concat([header], start), ...padded])
}

export async function writeGguf(path: string, file: GgufFile): Promise<void> {
  await writeFile(path, ggufBytes(file))
}
