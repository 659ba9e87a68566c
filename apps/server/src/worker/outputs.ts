// What came out of a run, brought to the server: files that nodes wrote, and the values of declared outputs.
import { stat } from 'node:fs/promises'
import { basename, extname, relative } from 'node:path'
import type { RgbImage } from '@dreamgraph/dreamo'
import type { JsonValue } from '@dreamgraph/graph'
import { describeValue, type WrittenFile } from '@dreamgraph/nodes'
import type { Output } from '@dreamgraph/protocol'
import sharp from 'sharp'
import type { ServerFiles } from './server-files.js'

const mediaTypes: Readonly<Record<string, string>> = {
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.webp': 'image/webp',
  '.csv': 'text/csv',
  '.safetensors': 'application/octet-stream',
}

/** Of a value that is told itself. */
const mostValueChars = 64 * 1024

/** A file that a node wrote into the job's folder. */
export async function fileOutput(
  files: ServerFiles,
  folder: string,
  { path, node, isNumbered }: WrittenFile,
): Promise<Output> {
  const mediaType = mediaTypes[extname(path).toLowerCase()] ?? 'application/octet-stream'
  const size = mediaType.startsWith('image/') ? await sharp(path).metadata() : undefined
  return {
    node,
    file: relative(folder, path).replaceAll('\\', '/') || basename(path),
    ...(isNumbered && { numbered: true }),
    digest: await files.storeFile(path),
    mediaType,
    sizeBytes: (await stat(path)).size,
    ...(size && { width: size.width, height: size.height }),
  }
}

/** The values of one declared output: pictures as PNG files, everything else in words. */
export async function valueOutputs(files: ServerFiles, name: string, value: unknown): Promise<Output[]> {
  if (Array.isArray(value) && value.some(isPicture)) {
    const outputs = await Promise.all(value.map((item, index) => valueOutputs(files, `${name}/${index + 1}`, item)))
    return outputs.flat()
  }
  if (!isPicture(value)) return [await wordsOutput(files, name, describeValue(value))]
  const { width, height, channels, data } = value
  const bytes = await sharp(data, { raw: { width, height, channels: channels as 1 | 3 | 4 } })
    .png()
    .toBuffer()
  const digest = await files.store(bytes)
  return [{ name, digest, mediaType: 'image/png', sizeBytes: bytes.byteLength, width, height }]
}

/** Values travel with the job wherever it is shown, so what is long goes as a file. */
async function wordsOutput(files: ServerFiles, name: string, value: JsonValue): Promise<Output> {
  const isText = typeof value === 'string'
  const text = isText ? value : JSON.stringify(value)
  if (text.length <= mostValueChars) return { name, value }
  const bytes = new TextEncoder().encode(text)
  const mediaType = isText ? 'text/plain; charset=utf-8' : 'application/json'
  return { name, digest: await files.store(bytes), mediaType, sizeBytes: bytes.byteLength }
}

function isPicture(value: unknown): value is RgbImage {
  const { width, height, channels, data } = (value ?? {}) as Partial<RgbImage>
  return data instanceof Uint8Array && data.length === (width ?? 0) * (height ?? 0) * (channels ?? 0)
}
