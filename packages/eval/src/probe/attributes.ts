// What the probe reads: five kinds of crops, and for each the attributes with the values that they can take.
import {
  accentNames,
  colourNames,
  faceAttributes,
  garmentKinds,
  glassesKinds,
  hairColourNames,
  hairStyles,
  hatKinds,
  patternNames,
  placeNames,
  styleNames,
  thingKinds,
} from '@dreamgraph/world'

const patterned = { colour: colourNames, accent: accentNames, pattern: patternNames }

/** Reader → attribute → values, in the order of the network's outputs. */
export const readers = {
  thing: { kind: thingKinds, ...patterned },
  garment: { kind: garmentKinds, ...patterned },
  head: {
    shape: faceAttributes.shape,
    skin: faceAttributes.skin,
    glasses: glassesKinds,
    hair: hairStyles,
    hairColour: hairColourNames,
    hat: hatKinds,
    hatColour: colourNames,
  },
  face: {
    eyes: faceAttributes.eyes,
    lids: faceAttributes.lids,
    brows: faceAttributes.brows,
    nose: faceAttributes.nose,
    mouth: faceAttributes.mouth,
    mark: faceAttributes.mark,
  },
  picture: { place: placeNames, style: styleNames },
} as const satisfies Record<string, Readonly<Record<string, readonly string[]>>>

export type ReaderName = keyof typeof readers
export const readerNames = Object.keys(readers) as ReaderName[]

/** Attributes with a value each; those that are not to be seen, or not read, are absent. */
export type Values = Readonly<Record<string, string>>

/** Attributes of a reader with their values. */
export const attributesOf = (reader: ReaderName): [string, readonly string[]][] => Object.entries(readers[reader])
