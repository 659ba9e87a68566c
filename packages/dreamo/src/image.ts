/** Pictures as bytes, and as the tensors the VAE reads and writes. Files and codecs are other layers' business. */
import { DreamoError } from './errors.js'

/** A picture: 8 bits a channel, rows top to bottom, channels interleaved; 1 = grey or mask, 3 = RGB, 4 = RGB + alpha. */
export interface RgbImage {
  width: number
  height: number
  channels: 1 | 3 | 4
  data: Uint8Array
}

/** Throws image-invalid unless the picture has pixels and as many bytes as its size says. */
export function checkImage(image: RgbImage, where = 'picture'): void {
  const { width, height, channels, data } = image
  if (!(Number.isInteger(width) && Number.isInteger(height) && width > 0 && height > 0)) {
    throw new DreamoError('dreamo/image-invalid', `${where}: expected at least one pixel, got ${height}×${width}`)
  }
  if (data.length !== width * height * channels) {
    const rule = `${width * height * channels} bytes for ${height}×${width}×${channels}`
    throw new DreamoError('dreamo/image-invalid', `${where}: expected ${rule}, got ${data.length}`)
  }
}

/** The picture with three channels. Grey is repeated; alpha is laid over white, the background DreamO was trained on. */
export function toRgb(image: RgbImage): RgbImage {
  if (image.channels === 3) return image
  const { width, height, channels, data } = image
  const rgb = new Uint8Array(width * height * 3)
  for (let pixel = 0; pixel < width * height; pixel++) {
    const alpha = channels === 4 ? data[pixel * 4 + 3]! : 255
    for (let c = 0; c < 3; c++) {
      rgb[pixel * 3 + c] = overWhite(data[pixel * channels + (channels === 4 ? c : 0)]!, alpha)
    }
  }
  return { width, height, channels: 3, data: rgb }
}

/** One channel value laid over white with coverage 0 … 255: round((value·alpha + 255·(255 - alpha)) / 255). */
export function overWhite(value: number, alpha: number): number {
  return Math.round((value * alpha + 255 * (255 - alpha)) / 255)
}

/** The picture as the VAE encoder reads it: [1, 3, height, width] f32, 2·(v/255) - 1, each step rounded to float32. */
export function imageToTensor(image: RgbImage): Float32Array {
  checkImage(image)
  const { width, height, data } = toRgb(image)
  const plane = width * height
  const tensor = new Float32Array(3 * plane)
  for (let pixel = 0; pixel < plane; pixel++) {
    for (let c = 0; c < 3; c++) tensor[c * plane + pixel] = 2 * Math.fround(data[pixel * 3 + c]! / 255) - 1
  }
  return tensor
}

/**
 * The VAE decoder's output as a picture: [1, 3, height, width] f32 → round(clamp(x/2 + 0.5, 0, 1)·255), halves to even,
 * float32 as the official image processor. NaN becomes 0.
 */
export function tensorToImage(tensor: Float32Array, size: { height: number; width: number }): RgbImage {
  const { height, width } = size
  const plane = height * width
  if (tensor.length !== 3 * plane)
    throw new Error(`internal: image tensor: expected ${3 * plane} values, got ${tensor.length}`)
  const data = new Uint8Array(3 * plane)
  for (let c = 0; c < 3; c++) {
    for (let from = c * plane, to = c; to < data.length; from++, to += 3) {
      const unit = Math.min(1, Math.max(0, Math.fround(tensor[from]! * 0.5 + 0.5)))
      data[to] = roundHalfEven(Math.fround(unit * 255))
    }
  }
  return { width, height, channels: 3, data }
}

/** From here on a double has no fractions: adding it rounds, as the processor does, halves to even. */
const wholeFrom = 2 ** 52

/** Nearest integer of a number from 0 to 2^51, halves to the even one: numpy's round and OpenCV's cvRound. */
export const roundHalfEven = (value: number): number => value + wholeFrom - wholeFrom
