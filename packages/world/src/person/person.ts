// A person: a face (who it is), an outfit (what changes) and a garment. Drawn in a box of 64 × 128 units: head above, garment below.
import type { Design } from '../design.js'
import { darker, skins } from '../palette.js'
import { box, type Pen, pathOf } from '../pen.js'
import type { Face } from './face.js'
import type { GarmentKind } from './garments.js'
import type { Outfit } from './outfit.js'

export interface Person {
  readonly face: Face
  readonly outfit: Outfit
  readonly garment: Design<GarmentKind>
}

/** Draws neck, arms, plain underwear and trousers: what is seen of a person without head and garment. */
export function drawBody(pen: Pen, face: Face): void {
  const skin = skins[face.skin]
  pen.line(pathOf('M16 74 Q8 88 8 110'), skin, 8)
  pen.line(pathOf('M48 74 Q56 88 56 110'), skin, 8)
  for (const x of [17, 32]) pen.area(pathOf(box(x, 104, 15, 80)), [74, 78, 96]) // as far as a small person may show
  pen.area(pathOf('M22 65 H42 L48 69 V108 H16 V69Z'), [214, 214, 218])
  pen.area(pathOf('M25 48 H39 V64 Q32 72 25 64Z'), darker(skin, 0.18))
}
