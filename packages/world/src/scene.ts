// A scene: everything that a picture shows, in words and numbers. It is at once the drawing order and the ground truth.
import type { Design } from './design.js'
import type { Person } from './person/person.js'
import type { Place } from './places/places.js'
import type { StyleName } from './styles/styles.js'
import type { ThingKind } from './things/things.js'

/** Pixels of a target picture, both ways. */
export const targetSizePx = 128

/** Where something stands, as captions say it: three columns by three rows. */
export const spotPhrases = {
  'top left': 'at the top left',
  top: 'at the top',
  'top right': 'at the top right',
  left: 'on the left',
  middle: 'in the middle',
  right: 'on the right',
  'bottom left': 'at the bottom left',
  bottom: 'at the bottom',
  'bottom right': 'at the bottom right',
} as const

export type Spot = keyof typeof spotPhrases

/** How a box lies in the target. */
export interface Placement {
  /** Top left of the box at scale 1, unturned. Pixels. */
  readonly xPx: number
  readonly yPx: number
  /** Against the reference's own size; about the box's middle (a person's: the middle between head and garment). */
  readonly scale: number
  readonly flip: boolean
  readonly tiltDeg: number
}

interface Actor {
  readonly spot: Spot
  readonly placement: Placement
  /** Slot of the reference that shows it; undefined: described in words. */
  readonly slot?: number
}

export interface ThingActor extends Actor {
  readonly type: 'thing'
  readonly design: Design<ThingKind>
}

/** A person; `slot` is the reference of the face. */
export interface PersonActor extends Actor {
  readonly type: 'person'
  readonly person: Person
  readonly garmentSlot?: number
}

/** A column of the picture that shows one place. */
export interface Region {
  readonly xPx: number
  readonly widthPx: number
  readonly place: Place
  /** Seeds what may vary within the place. */
  readonly seed: string
}

export interface Scene {
  readonly style: StyleName
  /** 32 bits; seeds grain and strokes of the style. */
  readonly styleSeed: number
  /** One region, or two columns of half the width. */
  readonly regions: readonly Region[]
  /** In drawing order: later ones stand in front. */
  readonly actors: readonly (ThingActor | PersonActor)[]
}
