// Safetensors files for tests: raw headers, and full-size models whose data is a hole on disk.
import { open, truncate, writeFile } from 'node:fs/promises'
import { dtypeSizeBytes, type ElementDType } from '../dtype.js'
import type { NamedShape } from './shapes.js'

/** Bytes of a file with this header text, length prefix and that many bytes of data. */
export function fileBytes(header: string, dataBytes = 0, lengthPrefix?: bigint): Uint8Array {
  const json = new TextEncoder().encode(header)
  const bytes = new Uint8Array(8 + json.byteLength + dataBytes)
  new DataView(bytes.buffer).setBigUint64(0, lengthPrefix ?? BigInt(json.byteLength), true)
  bytes.set(json, 8)
  return bytes
}

/** A file that claims these tensors and is as long as it claims, but takes no room: its data was never written. */
export async function writeHollow(file: string, shapes: Iterable<NamedShape>, dtype: ElementDType): Promise<void> {
  const header: Record<string, unknown> = {}
  let position = 0
  for (const { name, shape } of shapes) {
    const end = position + shape.reduce((product, size) => product * size, dtypeSizeBytes(dtype))
    header[name] = { dtype, shape, data_offsets: [position, end] }
    position = end
  }
  const bytes = fileBytes(JSON.stringify(header))
  await writeFile(file, bytes)
  await truncate(file, bytes.byteLength + position)
}

/** Overwrites bytes in the middle of a file. */
export async function patch(file: string, offset: number, bytes: Uint8Array): Promise<void> {
  const handle = await open(file, 'r+')
  await handle.write(bytes, 0, bytes.byteLength, offset)
  await handle.close()
}
