// Filters of one layer before layers are joined. They may move a layer's edge; the mask is taken afterwards, so it stays exact.
import { smoothNoise } from './noise.js'

/** A layer: height × width × 4 bytes, straight (not premultiplied) alpha. */
export interface Layer {
  readonly width: number
  readonly height: number
  readonly data: Uint8ClampedArray
}

export type LayerFilter = (layer: Layer, seed: number) => Layer

/** Takes each pixel from up to `reach` pixels away, along a noise field whose grain is `grain` pixels. */
export function wobble(reach: number, grain: number): LayerFilter {
  return (layer, seed) => {
    const { width, height, data } = layer
    const out = new Uint8ClampedArray(data.length)
    const { left, top, right, bottom } = reachable(layer, Math.ceil(reach))
    for (let y = top; y < bottom; y++) {
      for (let x = left; x < right; x++) {
        const dx = Math.round((smoothNoise(x / grain, y / grain, seed) * 2 - 1) * reach)
        const dy = Math.round((smoothNoise(x / grain, y / grain, seed ^ 0x5bd1e995) * 2 - 1) * reach)
        const from = (clamp(y + dy, height) * width + clamp(x + dx, width)) * 4
        const to = (y * width + x) * 4
        for (let c = 0; c < 4; c++) out[to + c] = data[from + c]!
      }
    }
    return { width, height, data: out }
  }
}

/** Averages each pixel with its eight neighbours, weighted by alpha, then darkens what lies near the layer's edge. */
export const bleed: LayerFilter = (layer) => {
  const { width, height, data } = layer
  const out = new Uint8ClampedArray(data.length)
  const { left, top, right, bottom } = reachable(layer, 1)
  for (let y = top; y < bottom; y++) {
    for (let x = left; x < right; x++) {
      let [red, green, blue, alpha] = [0, 0, 0, 0]
      for (let dy = -1; dy <= 1; dy++) {
        for (let dx = -1; dx <= 1; dx++) {
          const from = (clamp(y + dy, height) * width + clamp(x + dx, width)) * 4
          const weight = data[from + 3]!
          red += data[from]! * weight
          green += data[from + 1]! * weight
          blue += data[from + 2]! * weight
          alpha += weight
        }
      }
      if (alpha === 0) continue
      const to = (y * width + x) * 4
      const pooled = 0.72 + 0.28 * Math.min(1, alpha / (9 * 255)) // pigment gathers where the wet area ends
      out[to] = (red / alpha) * pooled
      out[to + 1] = (green / alpha) * pooled
      out[to + 2] = (blue / alpha) * pooled
      out[to + 3] = alpha / 9
    }
  }
  return { width, height, data: out }
}

/** One colour per block of `size` pixels, each channel on `levels` steps; a block is all in or all out of the layer. */
export function blocks(size: number, levels: number): LayerFilter {
  const step = 255 / (levels - 1)
  return ({ width, height, data }) => {
    const out = new Uint8ClampedArray(data.length)
    for (let top = 0; top < height; top += size) {
      for (let left = 0; left < width; left += size) {
        const sums = [0, 0, 0, 0]
        for (let i = 0; i < size * size; i++) {
          const from = ((top + Math.floor(i / size)) * width + left + (i % size)) * 4
          const alpha = data[from + 3]!
          for (let c = 0; c < 3; c++) sums[c]! += data[from + c]! * alpha
          sums[3]! += alpha
        }
        if (sums[3]! < 0.5 * 255 * size * size) continue
        const colour = [0, 1, 2].map((c) => Math.round(sums[c]! / sums[3]! / step) * step)
        for (let i = 0; i < size * size; i++) {
          const to = ((top + Math.floor(i / size)) * width + left + (i % size)) * 4
          out.set([colour[0]!, colour[1]!, colour[2]!, 255], to)
        }
      }
    }
    return { width, height, data: out }
  }
}

/** The smallest rectangle around what a layer shows, widened by a margin: outside it a filter of that reach changes nothing. */
function reachable({ width, height, data }: Layer, margin: number) {
  let [left, top, right, bottom] = [width, height, 0, 0]
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (data[(y * width + x) * 4 + 3] === 0) continue
      left = Math.min(left, x)
      right = Math.max(right, x + 1)
      top = Math.min(top, y)
      bottom = Math.max(bottom, y + 1)
    }
  }
  return {
    left: Math.max(0, left - margin),
    top: Math.max(0, top - margin),
    right: Math.min(width, right + margin),
    bottom: Math.min(height, bottom + margin),
  }
}

const clamp = (value: number, length: number): number => (value < 0 ? 0 : value >= length ? length - 1 : value)
