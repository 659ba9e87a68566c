// Taking pictures apart and putting them together, pixel by pixel and without any loss that is not asked for.
import { type RgbImage, type Size, toRgb } from '@dreamgraph/dreamo'
import { NodesError } from '../errors.js'
import type { Color } from './color.js'

/** A rectangle of pixels; (0, 0) is the top left corner. */
export interface Region extends Size {
  readonly x: number
  readonly y: number
}

/** A picture of one colour: 4 channels where the colour is transparent or `channels` says so, else 3. */
export function flatImage({ width, height }: Size, color: Color, channels: 3 | 4 = color[3] < 255 ? 4 : 3): RgbImage {
  const data = new Uint8Array(width * height * channels)
  for (let i = 0; i < data.length; i++) data[i] = color[i % channels]!
  return { width, height, channels, data }
}

/** A mask of one value. */
export function flatMask({ width, height }: Size, value: number): RgbImage {
  return { width, height, channels: 1, data: new Uint8Array(width * height).fill(value) }
}

/** The transparency as a mask; all 255 where the picture has none. */
export function alphaOf(image: RgbImage): RgbImage {
  return image.channels === 4 ? channelOf(image, 3) : flatMask(image, 255)
}

/** One channel as a mask. */
export function channelOf(image: RgbImage, channel: number): RgbImage {
  const { width, height, channels, data } = image
  const values = new Uint8Array(width * height)
  for (let pixel = 0; pixel < values.length; pixel++) values[pixel] = data[pixel * channels + channel]!
  return { width, height, channels: 1, data: values }
}

/** The picture with this mask as its transparency, in place of any it had. */
export function withAlpha(image: RgbImage, mask: RgbImage): RgbImage {
  const { width, height } = image
  const colors = colorsOf(image)
  const data = new Uint8Array(width * height * 4)
  for (let pixel = 0; pixel < width * height; pixel++) {
    for (let c = 0; c < 3; c++) data[pixel * 4 + c] = colors.data[pixel * 3 + c]!
    data[pixel * 4 + 3] = mask.data[pixel]!
  }
  return { width, height, channels: 4, data }
}

/** The three colour channels, whatever the transparency; grey is repeated. */
export function colorsOf(image: RgbImage): RgbImage {
  if (image.channels !== 4) return toRgb(image)
  const { width, height, data } = image
  const colors = new Uint8Array(width * height * 3)
  for (let pixel = 0; pixel < width * height; pixel++) {
    for (let c = 0; c < 3; c++) colors[pixel * 3 + c] = data[pixel * 4 + c]!
  }
  return { width, height, channels: 3, data: colors }
}

/** The picture with 3 or 4 channels; alpha is added as opaque, or laid over white. */
export function withChannels(image: RgbImage, channels: 3 | 4): RgbImage {
  if (image.channels === channels) return image
  return channels === 3 ? toRgb(image) : withAlpha(image, flatMask(image, 255))
}

/** Cuts a rectangle out. Throws nodes/region-outside unless all of it lies in the picture. */
export function cropRegion(image: RgbImage, region: Region, where: string): RgbImage {
  const { x, y, width, height } = region
  const fits = x >= 0 && y >= 0 && width > 0 && height > 0 && x + width <= image.width && y + height <= image.height
  if (!fits) {
    const got = `${width}×${height} at (${x}, ${y})`
    const rule = `a rectangle within ${image.width}×${image.height} pixels`
    throw new NodesError('nodes/region-outside', `${where}: expected ${rule}, got ${got}`)
  }
  const { channels } = image
  const data = new Uint8Array(width * height * channels)
  for (let row = 0; row < height; row++) {
    const from = ((y + row) * image.width + x) * channels
    data.set(image.data.subarray(from, from + width * channels), row * width * channels)
  }
  return { width, height, channels, data }
}

/** Copies a picture into a larger one of as many channels, in place; `target` must be the caller's own. */
export function copyInto(target: RgbImage, source: RgbImage, { x, y }: { x: number; y: number }): void {
  const rowBytes = source.width * source.channels
  for (let row = 0; row < source.height; row++) {
    const at = ((y + row) * target.width + x) * target.channels
    target.data.set(source.data.subarray(row * rowBytes, (row + 1) * rowBytes), at)
  }
}

/** A picture of `size` whose pixel (x, y) is the source's pixel `from(x, y)`. */
export function moved(
  image: RgbImage,
  size: Size,
  from: (x: number, y: number) => readonly [number, number],
): RgbImage {
  const { width, height } = size
  const { channels, data } = image
  const out = new Uint8Array(width * height * channels)
  let at = 0
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [fromX, fromY] = from(x, y)
      const source = (fromY * image.width + fromX) * channels
      for (let c = 0; c < channels; c++) out[at++] = data[source + c]!
    }
  }
  return { width, height, channels, data: out }
}

/** Throws nodes/mask-size unless the mask has the picture's size. */
export function checkSameSize(mask: RgbImage, size: Size, where: string): void {
  if (mask.width === size.width && mask.height === size.height) return
  const got = `${mask.width}×${mask.height}`
  throw new NodesError('nodes/mask-size', `${where}: expected ${size.width}×${size.height} pixels, got ${got}`)
}
