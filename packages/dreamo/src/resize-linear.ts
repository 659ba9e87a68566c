/** What cv2.INTER_AREA does when a side grows: a two-tap filter with area-like weights in 11-bit fixed point. */
import { type RgbImage, roundHalfEven } from './image.js'

/** Resizes by OpenCV's INTER_AREA fallback for growing pictures, byte for byte. Sizes are at least 1×1. */
export function resizeLinearArea(image: RgbImage, size: { height: number; width: number }): RgbImage {
  const { channels, data } = image
  const tapsX = axisTaps(image.width, size.width)
  const tapsY = axisTaps(image.height, size.height)
  const rowSize = size.width * channels
  const out = new Uint8Array(size.height * rowSize)
  // Rows filtered along x, 8 + 11 bits; a source row is filtered once although up to several output rows read it.
  const filtered = new Map<number, Int32Array>()
  const filterRow = (y: number): Int32Array => {
    const known = filtered.get(y)
    if (known) return known
    const row = new Int32Array(rowSize)
    for (const [x, tap] of tapsX.entries()) {
      const first = (y * image.width + tap.first) * channels
      const second = (y * image.width + tap.second) * channels
      for (let c = 0; c < channels; c++) {
        row[x * channels + c] = data[first + c]! * tap.firstWeight + data[second + c]! * tap.secondWeight
      }
    }
    filtered.set(y, row)
    return row
  }
  for (const [y, tap] of tapsY.entries()) {
    for (const row of filtered.keys()) if (row < tap.first) filtered.delete(row)
    const first = filterRow(tap.first)
    const second = filterRow(tap.second)
    for (let i = 0; i < rowSize; i++) {
      // 22 fractional bits are shed in three steps (4, 16, 2) so that OpenCV stays within 32; only the last one rounds.
      const a = (tap.firstWeight * (first[i]! >> 4)) >> 16
      const b = (tap.secondWeight * (second[i]! >> 4)) >> 16
      out[y * rowSize + i] = (a + b + 2) >> 2
    }
  }
  return { ...size, channels, data: out }
}

/** The two source pixels an output pixel reads along an axis, and their weights × 2048. */
interface Tap {
  first: number
  second: number
  firstWeight: number
  secondWeight: number
}

const WEIGHT_SCALE = 2048

function axisTaps(sourceLength: number, length: number): Tap[] {
  const inverse = length / sourceLength
  const scale = 1 / inverse
  return Array.from({ length }, (_, to) => {
    const first = Math.floor(to * scale)
    if (first >= sourceLength - 1) {
      return { first: sourceLength - 1, second: sourceLength - 1, firstWeight: WEIGHT_SCALE, secondWeight: 0 }
    }
    // How far the output pixel reaches past the first source pixel, in output pixels.
    const reach = Math.fround(to + 1 - (first + 1) * inverse)
    const fraction = reach <= 0 ? 0 : Math.fround(reach - Math.floor(reach))
    return {
      first,
      second: first + 1,
      firstWeight: roundHalfEven(Math.fround(Math.fround(1 - fraction) * WEIGHT_SCALE)),
      secondWeight: roundHalfEven(Math.fround(fraction * WEIGHT_SCALE)),
    }
  })
}
