// What a picture made by a model may differ in from one that is drawn, and that must not change the reading.
import type { Rng } from '@dreamgraph/train'
import { type Picture, targetSizePx } from '@dreamgraph/world'
import type { ReaderName } from './attributes.js'
import { type Crop, cropOf, cropSizePx } from './crops.js'
import type { Square } from './parts.js'

export interface Variation {
  readonly reader: ReaderName
  /** 0: the crop as it is; 1: all of it. */
  readonly strength: number
  /** Another picture, parts of which come in from the side. */
  readonly neighbour: Picture
  readonly rng: Rng
}

/**
 * Cuts the square a little beside its place, then softens it, lets neighbours in, and shifts its colours. A whole picture is
 * always read as a whole: moved, the blocks of pixel art lie anywhere, and where they really lie was then read as flat.
 */
export function variedCrop(picture: Picture, square: Square, variation: Variation): Crop {
  const { reader, strength, neighbour, rng } = variation
  const size = cropSizePx[reader]
  const chance = (probability: number): boolean => rng() < probability * strength
  const upTo = (reach: number): number => reach * strength * rng()
  const around = (reach: number): number => reach * strength * (2 * rng() - 1)
  const reach = square.sidePx / 16
  const moved: Square =
    reader === 'picture'
      ? square
      : {
          ...square,
          centreXPx: square.centreXPx + around(reach),
          centreYPx: square.centreYPx + around(reach),
          sidePx: square.sidePx * (1 + around(0.08)),
        }
  // Fewer samples, spread out again, are as soft as what a small autoencoder gives back.
  const crop = chance(0.25) ? coarseCrop(picture, moved, size, 1 - upTo(0.35)) : cropOf(picture, moved, size)
  if (reader !== 'picture' && chance(0.3)) intrude(crop, size, neighbour, rng)
  if (chance(0.4)) blur(crop, size, upTo(0.2))
  shiftColours(crop, around)
  if (chance(0.5)) addNoise(crop, upTo(0.06), rng)
  return crop
}

/** The six ways to order three channels. */
const orders = [
  [0, 1, 2],
  [0, 2, 1],
  [1, 0, 2],
  [1, 2, 0],
  [2, 0, 1],
  [2, 1, 0],
]

/**
 * Other colours in place of its own: channels change places, and some are turned into their negative. What a thing is and how
 * it is patterned stays. Without it a reader learns that there are no brown houses with stars, where those are held out.
 */
export function recolour(crop: Crop, rng: Rng): Crop {
  const plane = crop.length / 3
  const order = orders[Math.floor(rng() * orders.length)]
  const signs = order.map(() => (rng() < 0.5 ? -1 : 1))
  return crop.map((_, i) => {
    const channel = Math.floor(i / plane)
    return signs[channel] * crop[order[channel] * plane + (i % plane)]
  })
}

function coarseCrop(picture: Picture, square: Square, size: number, share: number): Crop {
  const coarse = Math.round(size * share)
  const planes = cropOf(picture, square, coarse)
  const data = new Uint8Array(planes.length)
  for (let pixel = 0; pixel < coarse * coarse; pixel++) {
    for (let c = 0; c < 3; c++) data[pixel * 3 + c] = Math.round((planes[c * coarse * coarse + pixel] + 1) * 127.5)
  }
  const whole: Square = { centreXPx: coarse / 2, centreYPx: coarse / 2, sidePx: coarse }
  return cropOf({ width: coarse, height: coarse, data }, whole, size)
}

/** Covers up to 10 of 64 pixels along one edge with another picture. */
function intrude(crop: Crop, size: number, neighbour: Picture, rng: Rng): void {
  const free = targetSizePx - size
  const half = size / 2
  const centreXPx = half + Math.floor(rng() * (free + 1))
  const centreYPx = half + Math.floor(rng() * (free + 1))
  const other = cropOf(neighbour, { centreXPx, centreYPx, sidePx: size }, size)
  const width = 2 + Math.floor(rng() * 9)
  const edge = Math.floor(rng() * 4)
  const isCovered = (x: number, y: number): boolean =>
    [x < width, y < width, x >= size - width, y >= size - width][edge]
  for (let i = 0; i < crop.length; i++) {
    if (isCovered(i % size, Math.floor(i / size) % size)) crop[i] = other[i]
  }
}

/** Three taps [share, 1 − 2·share, share] along rows, then along columns; edges repeat. */
function blur(crop: Crop, size: number, share: number): void {
  for (const stride of [1, size]) {
    const before = crop.slice()
    for (let i = 0; i < crop.length; i++) {
      const at = Math.floor(i / stride) % size
      const [less, more] = [at > 0 ? before[i - stride] : before[i], at < size - 1 ? before[i + stride] : before[i]]
      crop[i] = before[i] + share * (less + more - 2 * before[i])
    }
  }
}

/** Each channel times 0.94 to 1.06 and up to 3 of 255 off, all together up to 5 of 255 lighter or darker. */
function shiftColours(crop: Crop, around: (reach: number) => number): void {
  const plane = crop.length / 3
  const light = around(0.04)
  for (let c = 0; c < 3; c++) {
    const [factor, offset] = [1 + around(0.06), light + around(0.025)]
    for (let i = c * plane; i < (c + 1) * plane; i++) crop[i] = crop[i] * factor + offset
  }
}

/** Noise of a triangular distribution with this deviation. */
function addNoise(crop: Crop, deviation: number, rng: Rng): void {
  const reach = deviation * Math.sqrt(6)
  for (let i = 0; i < crop.length; i++) crop[i] += (rng() - rng()) * reach
}
