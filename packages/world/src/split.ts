// The held-out split: combinations that training never draws. Which ones is fixed by a hash of their names, for good.
import type { Design, Patterned } from './design.js'
import { accentsFor, type Colour, colourNames } from './palette.js'
import { type Pattern, patternNames } from './patterns.js'
import { type Face, faceAttributes } from './person/face.js'
import { hashText, type Rng } from './rng.js'

export const splits = ['train', 'test'] as const
export type Split = (typeof splits)[number]

/** Share of combinations that are held out. */
const heldOutShare = 0.1

/** The split of a kind × colour × pattern; the accent does not count. */
export function splitOfDesign({ kind, colour, pattern }: Pick<Design<string>, 'kind' | 'colour' | 'pattern'>): Split {
  const isHeldOut = combinations(kind, 'test').some((pair) => pair.colour === colour && pair.pattern === pattern)
  return isHeldOut ? 'test' : 'train'
}

/** The split of a face: all eight attributes together. */
export function splitOfFace(face: Face): Split {
  const name = (Object.keys(faceAttributes) as (keyof Face)[]).map((attribute) => face[attribute]).join('/')
  return hashText(`held-out/${name}`) < heldOutShare * 0x1_0000_0000 ? 'test' : 'train'
}

/**
 * Draws a design of a kind that belongs to the split; all of the split's colours and patterns are equally likely, but the
 * one to be unlike.
 */
export function drawDesign<Kind extends string>(kind: Kind, split: Split, rng: Rng, unlike?: Patterned): Design<Kind> {
  const isOther = (pair: Omit<Patterned, 'accent'>) => pair.colour !== unlike?.colour || pair.pattern !== unlike.pattern
  const { colour, pattern } = rng.pick(combinations(kind, split).filter(isOther))
  return { kind, colour, pattern, accent: rng.pick(accentsFor[colour]) }
}

/** Draws a face of the split: attributes are drawn until they fit, which takes ten tries on average for held-out ones. */
export function drawFaceOf(split: Split, rng: Rng): Face {
  for (;;) {
    const face = Object.fromEntries(
      Object.entries(faceAttributes).map(([name, values]) => [name, rng.pick<string>(values)]),
    ) as unknown as Face
    if (splitOfFace(face) === split) return face
  }
}

/** The colours and patterns in which a split shows a kind. The lowest hashes are held out: of every kind equally many. */
export function combinations(kind: string, split: Split): { colour: Colour; pattern: Pattern }[] {
  const all = colourNames
    .flatMap((colour) => patternNames.map((pattern) => ({ colour, pattern })))
    .map((pair) => ({ pair, hash: hashText(`held-out/${kind}/${pair.colour}/${pair.pattern}`) }))
    .sort((a, b) => a.hash - b.hash)
    .map(({ pair }) => pair)
  const heldOut = Math.round(heldOutShare * all.length)
  return split === 'test' ? all.slice(0, heldOut) : all.slice(heldOut)
}
