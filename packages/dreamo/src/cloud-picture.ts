// Pictures of nothing, to learn on what an autoencoder does: clouds of colour at all sizes, as photographs have them.
import type { RgbImage } from './image.js'
import { gaussianNoise } from './noise.js'

/** Share of brightness in the noise. Colours of photographs vary less than their brightness; 0 misses greys by a third more. */
const brightness = 0.6
const contrast = 110

/** Cloud number `index` of size × size pixels: smooth noise in octaves of falling strength. Always the same bytes. */
export function cloudPicture(index: number, size: number): RgbImage {
  const values = new Float32Array(3 * size * size).fill(127.5)
  for (let octave = 0; 2 ** octave <= size / 4; octave++) {
    const cells = 2 ** octave
    const corners = (cells + 1) ** 2
    const noise = gaussianNoise(4 * corners, { seed: BigInt(100 * index + octave), stream: 'latent', index: 0 })
    for (let i = 0; i < values.length; i++) {
      const [pixel, colour] = [Math.floor(i / 3), i % 3]
      const [y, x] = [Math.floor(pixel / size), pixel % size].map((place) => (place / size) * cells)
      const ofColour = between(noise.subarray(colour * corners), { cells, x, y })
      const ofAll = between(noise.subarray(3 * corners), { cells, x, y })
      values[i] += (contrast / (1 + octave)) * ((1 - brightness) * ofColour + brightness * ofAll)
    }
  }
  // A clamped array rounds and clamps.
  return { width: size, height: size, channels: 3, data: new Uint8Array(Uint8ClampedArray.from(values).buffer) }
}

/** Bilinear value between the corners of a grid of cells; x and y in cells, below `cells`. */
function between(corners: Float32Array, { cells, x, y }: { cells: number; x: number; y: number }): number {
  const [left, top] = [Math.floor(x), Math.floor(y)]
  const at = top * (cells + 1) + left
  const mix = (a: number, b: number, share: number): number => a + (b - a) * share
  const upper = mix(corners[at], corners[at + 1], x - left)
  const lower = mix(corners[at + cells + 1], corners[at + cells + 2], x - left)
  return mix(upper, lower, y - top)
}
