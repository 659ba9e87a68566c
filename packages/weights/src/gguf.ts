// Opens a GGUF file by reading its header alone; tensor data stays on disk.
// Not @huggingface/gguf: it trusts what the header claims, and we owe place and reason of every fault.
import { resolve } from 'node:path'
import { WeightsError } from './errors.js'
import { type GgufHeader, HeaderGoesOn, parseGgufHeader } from './gguf-header.js'
import { maxHeaderBytes } from './header.js'
import { openForReading, readFully, type SafetensorsFile } from './safetensors.js'
import type { WeightView } from './view.js'

/** The first guess at a header's length; checkpoints of FLUX need 60 kB, text models with their vocabulary megabytes. */
const firstBytes = 1 << 20

/** Whether a file begins as GGUF files do. False for what cannot be read. */
export async function isGguf(file: string): Promise<boolean> {
  const handle = await openForReading(file).catch(() => undefined)
  try {
    const start = new Uint8Array(4)
    return handle !== undefined && (await readFully(handle, start, 0).catch(() => false)) && isMagic(start)
  } finally {
    await handle?.close()
  }
}

/** Opens a GGUF file of any size. Throws WeightsError with place and reason for whatever is broken. */
export async function openGguf(path: string): Promise<SafetensorsFile> {
  const file = resolve(path)
  const handle = await openForReading(file)
  try {
    const { size } = await handle.stat()
    let header: GgufHeader | undefined
    for (let length = firstBytes; !header; length *= 4) {
      const bytes = new Uint8Array(Math.min(length, size, maxHeaderBytes))
      await readFully(handle, bytes, 0)
      header = parsed(bytes, size, file)
    }
    const tensors = new Map<string, WeightView>()
    for (const { name, dtype, shape, offset, sizeBytes } of header.tensors)
      tensors.set(name, { name, dtype, shape, parts: sizeBytes > 0 ? [{ file, offset, sizeBytes }] : [] })
    return { file, sizeBytes: size, metadata: header.metadata, tensors }
  } finally {
    await handle.close()
  }
}

/** The header in the first bytes of a file, or undefined when more of it is needed and there is more. */
function parsed(bytes: Uint8Array, fileBytes: number, file: string): GgufHeader | undefined {
  try {
    return parseGgufHeader(bytes, fileBytes, file)
  } catch (error) {
    if (!(error instanceof HeaderGoesOn)) throw error
    if (bytes.byteLength >= fileBytes)
      throw new WeightsError('weights/header-truncated', `${file}: expected a whole header, got ${fileBytes} bytes`)
    if (bytes.byteLength >= maxHeaderBytes)
      throw new WeightsError(
        'weights/header-too-large',
        `${file}: expected a header of at most ${maxHeaderBytes} bytes, got a longer one`,
      )
    return undefined
  }
}

const isMagic = (bytes: Uint8Array): boolean => new TextDecoder().decode(bytes) === 'GGUF'
