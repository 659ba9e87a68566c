// Where the words of a spot put a box: on the token grid at the reference's own scale, and away from there with difficulty.
import type { Rng } from './rng.js'
import { type Placement, type Spot, targetSizePx } from './scene.js'
import type { Difficulty } from './tasks.js'

interface PlacementOptions {
  readonly difficulty: Difficulty
  /** Pixels of a 64-unit box at scale 1. */
  readonly boxPx: number
}

/** One token of the transformer covers 16 × 16 pixels: a factor 8 of the VAE, then 2 × 2 latents packed into one. */
const tokenPx = 16

export const placements = {
  /** A thing's box in one of nine spots. */
  thing(spot: Spot, options: PlacementOptions, rng: Rng): Placement {
    const free = targetSizePx - options.boxPx
    const yPx = spot.startsWith('top') ? 0 : spot.startsWith('bottom') ? free : onGrid(free / 2)
    return loosen({ xPx: columnOf(spot, free), yPx }, options, rng)
  },

  /** A person's box, twice as high as wide, on the lower edge in one of three columns. */
  person(spot: Spot, options: PlacementOptions, rng: Rng): Placement {
    const { boxPx } = options
    return loosen({ xPx: columnOf(spot, targetSizePx - boxPx), yPx: targetSizePx - 2 * boxPx }, options, rng)
  },
}

function columnOf(spot: Spot, freePx: number): number {
  return spot.endsWith('left') ? 0 : spot.endsWith('right') ? freePx : onGrid(freePx / 2)
}

const onGrid = (px: number): number => Math.floor(px / tokenPx) * tokenPx

/** Shifts, scales, mirrors and turns as far as the difficulty allows; at 0 the placement stays on the grid at scale 1. */
function loosen(at: { xPx: number; yPx: number }, { difficulty }: PlacementOptions, rng: Rng): Placement {
  const reachPx = (difficulty.shift * tokenPx) / 2
  return {
    xPx: at.xPx + Math.round(rng.between(-reachPx, reachPx)),
    yPx: at.yPx + Math.round(rng.between(-reachPx, reachPx)),
    scale: 1 + rng.between(-0.3, 0.3) * difficulty.scale,
    flip: rng.chance(0.5 * difficulty.flip),
    tiltDeg: rng.between(-15 * difficulty.tilt, 15 * difficulty.tilt),
  }
}
