// Opens a safetensors file by reading its header alone; tensor data stays on disk.
import { type FileHandle, open } from 'node:fs/promises'
import { resolve } from 'node:path'
import { WeightsError } from './errors.js'
import { maxHeaderBytes, parseHeader } from './header.js'
import type { WeightSet, WeightView } from './view.js'

export interface SafetensorsFile {
  /** absolute path */
  readonly file: string
  readonly sizeBytes: number
  readonly metadata: ReadonlyMap<string, string>
  /** tensors by their name in the file, in order of their data */
  readonly tensors: WeightSet
}

/**
 * Opens a checkpoint of any size. Reads 8 bytes and the header, never tensor data.
 * Throws WeightsError for whatever the official reader refuses, before allocating what a lying header claims.
 * Format: https://huggingface.co/docs/safetensors (u64 little-endian header length, JSON header, data).
 */
export async function openSafetensors(path: string): Promise<SafetensorsFile> {
  const file = resolve(path)
  const handle = await openForReading(file)
  try {
    const stat = await handle.stat()
    if (!stat.isFile())
      throw new WeightsError('weights/file-unreadable', `${file}: expected a file, got a folder or device`)
    const { header, dataStart } = await readHeader(handle, stat.size, file)
    const parsed = parseHeader(header, stat.size - dataStart, file)
    const tensors = new Map<string, WeightView>()
    for (const { name, dtype, shape, begin, end } of parsed.tensors)
      tensors.set(name, { name, dtype, shape, parts: [{ file, offset: dataStart + begin, sizeBytes: end - begin }] })
    return { file, sizeBytes: stat.size, metadata: parsed.metadata, tensors }
  } finally {
    await handle.close()
  }
}

/** Opens a file for reading, or says in one line why not. */
export async function openForReading(file: string): Promise<FileHandle> {
  try {
    return await open(file, 'r')
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code ?? String(cause)
    throw new WeightsError('weights/file-unreadable', `${file}: expected a readable file, got ${reason}`, { cause })
  }
}

/** Fills `into` from `position`; false when the file ends before that. */
export async function readFully(handle: FileHandle, into: Uint8Array, position: number): Promise<boolean> {
  // One read call takes at most 2^31 - 1 bytes; larger tensors exist (embedding tables in float32).
  const maxReadBytes = 1 << 30
  let done = 0
  while (done < into.byteLength) {
    const length = Math.min(into.byteLength - done, maxReadBytes)
    const { bytesRead } = await handle.read(into, done, length, position + done)
    if (bytesRead === 0) return false
    done += bytesRead
  }
  return true
}

async function readHeader(
  handle: FileHandle,
  fileBytes: number,
  file: string,
): Promise<{ header: Uint8Array; dataStart: number }> {
  const prefix = new Uint8Array(8)
  if (fileBytes < 8 || !(await readFully(handle, prefix, 0)))
    throw new WeightsError('weights/header-truncated', `${file}: expected at least 8 bytes, got ${fileBytes}`)
  const length = new DataView(prefix.buffer).getBigUint64(0, true)
  if (length > BigInt(maxHeaderBytes))
    throw new WeightsError(
      'weights/header-too-large',
      `${file}: expected a header of at most ${maxHeaderBytes} bytes, got ${length}`,
    )
  const dataStart = 8 + Number(length)
  if (dataStart > fileBytes)
    throw new WeightsError(
      'weights/header-truncated',
      `${file}: expected a header of ${length} bytes, got a file of ${fileBytes}`,
    )
  const header = new Uint8Array(Number(length))
  if (!(await readFully(handle, header, 8)))
    throw new WeightsError('weights/header-truncated', `${file}: expected a header of ${length} bytes, got fewer`)
  return { header, dataStart }
}
