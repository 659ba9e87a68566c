// What the server does with pictures: it looks at their size before anybody decodes them, and makes thumbnails.
import sharp from 'sharp'
import { ServerProblem } from '../problem.js'

export interface PictureFacts {
  readonly mediaType: string
  readonly width: number
  readonly height: number
}

const mediaTypes: Readonly<Record<string, string>> = {
  png: 'image/png',
  jpeg: 'image/jpeg',
  webp: 'image/webp',
  heif: 'image/avif',
  tiff: 'image/tiff',
  gif: 'image/gif',
}

/** Reads the head of a picture. Throws request/media-type, request/too-large. */
export async function pictureFacts(bytes: Uint8Array, maxPixels: number): Promise<PictureFacts> {
  const {
    format = '',
    width = 0,
    height = 0,
  } = await metadata(bytes).catch((cause: Error) => {
    const rule = 'a PNG, JPEG, WebP, AVIF, TIFF or GIF picture'
    const got = bytes.byteLength === 0 ? 'nothing' : 'other bytes'
    throw new ServerProblem('request/media-type', `upload: expected ${rule}, got ${got}`, { cause })
  })
  const mediaType = mediaTypes[format]
  if (!mediaType)
    throw new ServerProblem('request/media-type', `upload: expected a picture, got ${format || 'other bytes'}`)
  if (width * height > maxPixels) {
    const got = `${width}×${height} pixels`
    throw new ServerProblem('request/too-large', `upload: expected at most ${maxPixels} pixels, got ${got}`)
  }
  return { mediaType, width, height }
}

// Sharp throws at once where there are no bytes at all.
const metadata = async (bytes: Uint8Array) => sharp(bytes, { limitInputPixels: false }).metadata()

/** A WebP whose longer edge has at most `size` pixels. Throws request/media-type for what is no picture. */
export async function thumbnailOf(bytes: Uint8Array, size: number, maxPixels: number): Promise<Uint8Array> {
  await pictureFacts(bytes, maxPixels)
  return sharp(bytes, { limitInputPixels: maxPixels })
    .resize(size, size, { fit: 'inside', withoutEnlargement: true })
    .webp({ quality: 82 })
    .toBuffer()
    .catch((cause: Error) => {
      throw new ServerProblem('request/media-type', 'thumbnail: expected a whole picture, got a damaged one', { cause })
    })
}
