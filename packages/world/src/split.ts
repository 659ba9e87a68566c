// The held-out split: combinations that training never draws. Which ones is fixed by a hash of their names, for good.
import type { Design } from './design.js'
import { accentsFor, type Colour, colourNames } from './palette.js'
import { type Pattern, patternNames } from './patterns.js'
import { type Face, faceAttributes } from './person/face.js'
import { hashText, type Rng } from './rng.js'

export const splits = ['train', 'test'] as const
export type Split = (typeof splits)[number]

/** Share of combinations that are held out. */
const heldOutShare = 0.1

/** The split of a kind × colour × pattern; the accent does not count. */
export function splitOfDesign(design: Pick<Design<string>, 'kind' | 'colour' | 'pattern'>): Split {
  return splitOf(`${design.kind}/${design.colour}/${design.pattern}`)
}

/** The split of a face: all eight attributes together. */
export function splitOfFace(face: Face): Split {
  return splitOf((Object.keys(faceAttributes) as (keyof Face)[]).map((name) => face[name]).join('/'))
}

/** Draws a design of a kind that belongs to the split; all of the split's colours and patterns are equally likely. */
export function drawDesign<Kind extends string>(kind: Kind, split: Split, rng: Rng): Design<Kind> {
  const { colour, pattern } = rng.pick(combinations(kind, split))
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

/** The colours and patterns in which a split shows a kind. */
export function combinations(kind: string, split: Split): { colour: Colour; pattern: Pattern }[] {
  return colourNames
    .flatMap((colour) => patternNames.map((pattern) => ({ colour, pattern })))
    .filter((pair) => splitOfDesign({ kind, ...pair }) === split)
}

function splitOf(combination: string): Split {
  return hashText(`held-out/${combination}`) < heldOutShare * 0x1_0000_0000 ? 'test' : 'train'
}
