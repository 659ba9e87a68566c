/** cv2.resize(…, interpolation=cv2.INTER_AREA) for 8-bit pictures, byte for byte, and DreamO's two rules for sizes. */
import { DreamoError } from './errors.js'
import { checkImage, type RgbImage, roundHalfEven } from './image.js'
import { resizeLinearArea } from './resize-linear.js'

export interface Size {
  height: number
  width: number
}

/**
 * Resizes as cv2.INTER_AREA does. Where both sides shrink or stay, every output pixel is the mean of the area it covers,
 * in float32 and OpenCV's order of summation; as soon as one side grows, OpenCV interpolates both axes instead.
 */
export function resizeArea(image: RgbImage, size: Size, where = 'resize'): RgbImage {
  checkImage(image, where)
  if (!(size.height >= 1 && size.width >= 1)) {
    throw new DreamoError(
      'dreamo/size-invalid',
      `${where}: expected at least 1×1 pixels, got ${size.height}×${size.width}`,
    )
  }
  if (size.height === image.height && size.width === image.width) return image
  // OpenCV inverts the ratio twice; the rounding of that decides which of its paths is taken.
  const scaleX = 1 / (size.width / image.width)
  const scaleY = 1 / (size.height / image.height)
  if (scaleX < 1 || scaleY < 1) return resizeLinearArea(image, size)
  const whole = (scale: number) => Math.abs(scale - Math.round(scale)) < Number.EPSILON
  if (whole(scaleX) && whole(scaleY)) return shrinkByWhole(image, size, Math.round(scaleX), Math.round(scaleY))
  return shrinkByFraction(image, size, scaleX, scaleY)
}

/** Size of `resizeToArea`: both sides times √(area/(h·w)), each floored to a multiple of 16. Throws size-invalid. */
export function areaSize(image: Size, area: number, where = 'resize to area'): Size {
  const factor = Math.sqrt(area / (image.height * image.width))
  const height = Math.floor(Math.floor(image.height * factor) / 16) * 16
  const width = Math.floor(Math.floor(image.width * factor) / 16) * 16
  if (height === 0 || width === 0) {
    const got = `${image.height}×${image.width} at ${area} pixels`
    throw new DreamoError('dreamo/size-invalid', `${where}: expected both sides to stay at least 16 pixels, got ${got}`)
  }
  return { height, width }
}

/** DreamO's resize for subjects and styles: about `area` pixels, sides multiples of 16; stretches, never crops. */
export function resizeToArea(image: RgbImage, area: number, where = 'resize to area'): RgbImage {
  checkImage(image, where)
  return resizeArea(image, areaSize(image, area, where), where)
}

/** DreamO's resize before face detection: untouched if it fits, else the long edge becomes `longEdge`; no multiples. */
export function resizeToLongEdge(image: RgbImage, longEdge: number, where = 'resize to long edge'): RgbImage {
  checkImage(image, where)
  const edge = Math.max(image.height, image.width)
  if (edge <= longEdge) return image
  const factor = longEdge / edge
  const size = { height: Math.floor(image.height * factor), width: Math.floor(image.width * factor) }
  return resizeArea(image, size, where)
}

/** Whole factors: integer sums. 2×2 rounds halves up, (a + b + c + d + 2) >> 2; every other factor halves to even. */
function shrinkByWhole(image: RgbImage, size: Size, factorX: number, factorY: number): RgbImage {
  const { channels, data } = image
  const rowSize = image.width * channels
  const out = new Uint8Array(size.height * size.width * channels)
  const scale = Math.fround(1 / (factorX * factorY))
  const isTwo = factorX === 2 && factorY === 2
  let at = 0
  for (let y = 0; y < size.height; y++) {
    for (let x = 0; x < size.width; x++) {
      for (let c = 0; c < channels; c++) {
        let sum = 0
        for (let dy = 0; dy < factorY; dy++) {
          const from = (y * factorY + dy) * rowSize + x * factorX * channels + c
          for (let dx = 0; dx < factorX; dx++) sum += data[from + dx * channels]!
        }
        out[at++] = isTwo ? (sum + 2) >> 2 : roundHalfEven(Math.fround(sum * scale))
      }
    }
  }
  return { ...size, channels, data: out }
}

/** One source pixel's share of one output pixel along an axis. */
interface Share {
  from: number
  to: number
  weight: number
}

/** Fractional factors: rows are averaged along x first, then summed along y; float32 after every operation. */
function shrinkByFraction(image: RgbImage, size: Size, scaleX: number, scaleY: number): RgbImage {
  const { channels, data } = image
  const sharesX = areaShares(image.width, size.width, scaleX)
  const sharesY = areaShares(image.height, size.height, scaleY)
  const rowSize = size.width * channels
  const row = new Float32Array(rowSize)
  const sum = new Float32Array(rowSize)
  const out = new Uint8Array(size.height * rowSize)
  let y = 0
  const flush = () => {
    for (let i = 0; i < rowSize; i++) out[y * rowSize + i] = roundHalfEven(sum[i]!)
    sum.fill(0)
  }
  for (const { from, to, weight } of sharesY) {
    if (to !== y) flush()
    y = to
    row.fill(0)
    for (const share of sharesX) {
      const source = (from * image.width + share.from) * channels
      for (let c = 0; c < channels; c++) row[share.to * channels + c]! += Math.fround(data[source + c]! * share.weight)
    }
    for (let i = 0; i < rowSize; i++) sum[i]! += Math.fround(weight * row[i]!)
  }
  flush()
  return { ...size, channels, data: out }
}

/** Shares of an axis in output order. Slivers below 1e-3 of a source pixel are dropped, as OpenCV does. */
function areaShares(sourceLength: number, length: number, scale: number): Share[] {
  const shares: Share[] = []
  for (let to = 0; to < length; to++) {
    const begin = to * scale
    const end = begin + scale
    const cell = Math.min(scale, sourceLength - begin)
    const lastWhole = Math.min(Math.floor(end), sourceLength - 1)
    const firstWhole = Math.min(Math.ceil(begin), lastWhole)
    if (firstWhole - begin > 1e-3) {
      shares.push({ from: firstWhole - 1, to, weight: Math.fround((firstWhole - begin) / cell) })
    }
    for (let from = firstWhole; from < lastWhole; from++) shares.push({ from, to, weight: Math.fround(1 / cell) })
    if (end - lastWhole > 1e-3) {
      const covered = Math.min(end - lastWhole, 1, cell)
      shares.push({ from: lastWhole, to, weight: Math.fround(covered / cell) })
    }
  }
  return shares
}
