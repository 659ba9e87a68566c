// Pixels become picture files. The only place that writes picture formats.
import { type RgbImage, toRgb } from '@dreamgraph/dreamo'
import sharp from 'sharp'

export const pictureFormats = ['png', 'jpeg', 'webp'] as const
export type PictureFormat = (typeof pictureFormats)[number]

/** File extension, without a dot. */
export const extensionOf: Readonly<Record<PictureFormat, string>> = { png: 'png', jpeg: 'jpg', webp: 'webp' }

/**
 * The bytes of a picture file. PNG keeps every pixel and is the same on every run; JPEG and WebP lose detail as `quality`
 * (1 … 100) says. JPEG has no transparency: the picture is laid over white.
 */
export async function encodePicture(image: RgbImage, format: PictureFormat, quality = 95): Promise<Uint8Array> {
  const { width, height, channels, data } = format === 'jpeg' && image.channels === 4 ? toRgb(image) : image
  const pixels = sharp(data, { raw: { width, height, channels } })
  const colored = channels === 1 ? pixels.toColourspace('b-w') : pixels
  const encoded = {
    png: () => colored.png({ compressionLevel: 6 }),
    jpeg: () => colored.jpeg({ quality, chromaSubsampling: '4:4:4' }),
    webp: () => colored.webp({ quality, smartSubsample: true }),
  }[format]()
  const bytes = await encoded.toBuffer()
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
