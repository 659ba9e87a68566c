// The kinds of things, by the word that captions use.
import type { Design } from '../design.js'
import type { Pen } from '../pen.js'
import { butterfly, cat, fish, robot, star } from './creatures.js'
import { bag, chair, lamp, mug, teapot, umbrella } from './household.js'
import { balloon, boat, car, house, rocket, tree } from './outside.js'
import { drawParts } from './part.js'

/** Kind → drawing in a 64-unit box. */
const drawings = {
  mug,
  teapot,
  chair,
  lamp,
  bag,
  umbrella,
  car,
  boat,
  rocket,
  balloon,
  house,
  tree,
  fish,
  cat,
  butterfly,
  robot,
  star,
}

export type ThingKind = keyof typeof drawings
export const thingKinds = Object.keys(drawings) as ThingKind[]

/** Draws a thing into the 64-unit box at the origin. */
export function drawThing(pen: Pen, design: Design<ThingKind>): void {
  drawParts(pen, drawings[design.kind], design)
}
