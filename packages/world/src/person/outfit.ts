// An outfit: what may differ between two pictures of the same person, apart from the garment.
import type { Colour, HairColour } from '../palette.js'

/** Hair style → how a caption says it: the colour goes in front of "hair". */
export const hairPhrases = {
  bald: '',
  short: 'short',
  bob: 'bobbed',
  long: 'long',
  curly: 'curly',
  spiky: 'spiky',
  bun: 'tied up',
} as const

export const hatKinds = ['none', 'cap', 'top hat', 'beanie', 'crown'] as const
export const glassesKinds = ['none', 'round', 'square'] as const

export type HairStyle = keyof typeof hairPhrases
export const hairStyles = Object.keys(hairPhrases) as HairStyle[]

export interface Outfit {
  readonly hair: HairStyle
  readonly hairColour: HairColour
  readonly glasses: (typeof glassesKinds)[number]
  readonly hat: (typeof hatKinds)[number]
  readonly hatColour: Colour
  /** Where the eyes look: left, ahead, right. */
  readonly gaze: -1 | 0 | 1
}
