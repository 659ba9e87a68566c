// Draws the outfit of a person. Outfits are not held out: they are described in words, never by a reference.
import { colourNames, hairColourNames } from '../palette.js'
import type { Rng } from '../rng.js'
import { glassesKinds, hairStyles, hatKinds, type Outfit } from './outfit.js'

export function drawOutfit(rng: Rng): Outfit {
  return {
    hair: rng.pick(hairStyles),
    hairColour: rng.pick(hairColourNames),
    glasses: rng.chance(0.65) ? 'none' : rng.pick(glassesKinds.slice(1)),
    hat: rng.chance(0.6) ? 'none' : rng.pick(hatKinds.slice(1)),
    hatColour: rng.pick(colourNames),
    gaze: rng.pick([-1, 0, 1]),
  }
}
