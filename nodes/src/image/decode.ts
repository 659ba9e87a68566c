// Picture files become pixels. The only place that reads picture formats.
import { stat } from 'node:fs/promises'
import type { RgbImage } from '@dreamgraph/dreamo'
import sharp, { type Metadata } from 'sharp'
import { NodesError } from '../errors.js'

/** Above this a picture is refused before it is unpacked: 100 megapixels are 400 MB with alpha. */
export const maxPixels = 100_000_000

/** Formats of pixels only: SVG and PDF can reach for other files and are left out on purpose. */
const formats = ['png', 'jpeg', 'webp', 'heif', 'avif', 'tiff', 'gif']

/**
 * Reads PNG, JPEG, WebP, AVIF, TIFF or the first frame of a GIF as 8-bit sRGB, upright as its EXIF orientation says.
 * 3 channels, or 4 where the file has transparency. `name` is what messages call the file.
 * Throws nodes/file-missing, nodes/image-unreadable, nodes/image-too-large.
 */
export async function decodePicture(path: string, name: string): Promise<RgbImage> {
  await checkFile(path, name)
  const { format, width, height } = await header(path, name)
  if (!formats.includes(format)) {
    throw new NodesError('nodes/image-unreadable', `${name}: expected a picture (${formats.join(', ')}), got ${format}`)
  }
  checkPixels({ width, height }, name)
  try {
    const { data, info } = await sharp(path, { limitInputPixels: maxPixels, failOn: 'error' })
      .autoOrient()
      .toColourspace('srgb')
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true })
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    return { width: info.width, height: info.height, channels: info.channels as 3 | 4, data: bytes }
  } catch (cause) {
    return unreadable(name, cause)
  }
}

/** Throws nodes/file-missing unless `path` is a file. */
export async function checkFile(path: string, name: string): Promise<void> {
  const found = await stat(path).catch((cause: NodeJS.ErrnoException) => {
    throw new NodesError('nodes/file-missing', `${name}: expected a file, got ${cause.code}`, { cause })
  })
  if (!found.isFile()) throw new NodesError('nodes/file-missing', `${name}: expected a file, got a folder`)
}

/** Throws nodes/image-too-large for more than `maxPixels`. */
export function checkPixels({ width, height }: { width: number; height: number }, where: string): void {
  if (width * height <= maxPixels) return
  const got = `${width}×${height}`
  throw new NodesError('nodes/image-too-large', `${where}: expected at most ${maxPixels} pixels, got ${got}`)
}

/** The header alone, whatever size it claims. */
async function header(path: string, name: string): Promise<Metadata> {
  try {
    return await sharp(path, { limitInputPixels: false }).metadata()
  } catch (cause) {
    return unreadable(name, cause)
  }
}

function unreadable(name: string, cause: unknown): never {
  const reason = (cause as Error).message.split('\n')[0]
  throw new NodesError('nodes/image-unreadable', `${name}: expected a whole picture, got "${reason}"`, { cause })
}
