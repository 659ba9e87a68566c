// The parts of a picture that are read, each with its place and with what is truly to be seen there.
import {
  type PersonActor,
  type Placement,
  type Region,
  type Scene,
  type StyleName,
  styles,
  type ThingActor,
  targetSizePx,
} from '@dreamgraph/world'
import type { ReaderName, Values } from './attributes.js'

/** A square of a picture, in pixels; parts of it may lie outside. */
export interface Square {
  readonly centreXPx: number
  readonly centreYPx: number
  readonly sidePx: number
  /** Of a column alone: what is read is this stretch, side by side with itself. */
  readonly column?: { readonly xPx: number; readonly widthPx: number }
}

export interface Part {
  readonly reader: ReaderName
  /** Number of the actor in the scene; of the region for pictures. */
  readonly number: number
  readonly square: Square
  /** What is to be seen. */
  readonly truth: Values
}

/** Side of the box that an actor is drawn in at scale 1. */
const boxPx = 64

/** Side of the square about brows, nose and mouth, at scale 1. Enlarged, their strokes are wide enough to be told apart. */
const facePx = 42

/** Everything of a scene that the probe can read, actor by actor, then place by place. */
export function partsOf(scene: Scene): Part[] {
  const parts = scene.actors.flatMap((actor, number) =>
    actor.type === 'thing' ? [thingPart(actor, number)] : personParts(actor, number),
  )
  const all = [...parts, ...scene.regions.map((region, number) => picturePart(scene, region, number))]
  return all.map((part) => ({ ...part, truth: visible(part, scene.style) }))
}

function thingPart({ design, placement }: ThingActor, number: number): Part {
  return { reader: 'thing', number, square: boxOf(placement, 0, 32), truth: { ...design } }
}

function personParts({ person, placement }: PersonActor, number: number): Part[] {
  const { face, outfit, garment } = person
  const { gaze: _, ...worn } = outfit
  const { shape, skin, ...features } = face
  return [
    { reader: 'head', number, square: boxOf(placement, -32, 64), truth: { shape, skin, ...worn } },
    {
      reader: 'face',
      number,
      square: { ...boxOf(placement, -23, 64), sidePx: facePx * placement.scale },
      truth: features,
    },
    { reader: 'garment', number, square: boxOf(placement, 32, 64), truth: { ...garment } },
  ]
}

function picturePart({ style, regions }: Scene, { xPx, widthPx, place }: Region, number: number): Part {
  const half = targetSizePx / 2
  const square = { centreXPx: half, centreYPx: half, sidePx: targetSizePx }
  const column = regions.length > 1 ? { column: { xPx, widthPx } } : {}
  return { reader: 'picture', number, square: { ...square, ...column }, truth: { place, style } }
}

/** Where a box's middle lies that is `upPx` away from the point that the actor is scaled and turned about. */
function boxOf({ xPx, yPx, scale, tiltDeg }: Placement, offsetPx: number, middleYPx: number): Square {
  const angle = (tiltDeg * Math.PI) / 180
  return {
    centreXPx: xPx + boxPx / 2 - Math.sin(angle) * offsetPx * scale,
    centreYPx: yPx + middleYPx + Math.cos(angle) * offsetPx * scale,
    sidePx: boxPx * scale,
  }
}

/** Attributes that are colours. */
export const colours: ReadonlySet<string> = new Set(['colour', 'accent', 'skin', 'eyes', 'hairColour', 'hatColour'])

/** What of the truth can be seen in a style. */
function visible({ reader, truth }: Part, style: StyleName): Values {
  const hidden = (attribute: string): boolean =>
    (colours.has(attribute) && !styles[style].keepsColours) ||
    (attribute === 'hair' && truth.hat !== 'none') || // a bun is not drawn, and of short hair little is left
    (attribute === 'hairColour' && truth.hair === 'bald') ||
    (attribute === 'hatColour' && truth.hat === 'none')
  return reader === 'picture'
    ? truth
    : Object.fromEntries(Object.entries(truth).filter(([attribute]) => !hidden(attribute)))
}
