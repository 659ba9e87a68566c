// Plans a sample: which scene a task shows, and which references it is given. Words and numbers only, no pixels.
import type { Patterned } from './design.js'
import { drawOutfit } from './person/draw-outfit.js'
import { garmentKinds } from './person/garments.js'
import type { Person } from './person/person.js'
import { placements } from './placements.js'
import { placeNames } from './places/places.js'
import { styleWindow } from './references.js'
import type { Rng } from './rng.js'
import { type PersonActor, type Region, type Scene, type Spot, type ThingActor, targetSizePx } from './scene.js'
import { drawDesign, drawFaceOf, type Split } from './split.js'
import { type StyleName, styleNames } from './styles/styles.js'
import type { Difficulty, Task } from './tasks.js'
import { type ThingKind, thingKinds } from './things/things.js'

/** One reference of a sample: an actor of its scene (by number), or a scene of its own in the same style. */
export type ReferencePlan =
  | { readonly slot: number; readonly shows: 'thing' | 'face' | 'garment'; readonly actor: number }
  | { readonly slot: number; readonly shows: 'style'; readonly scene: Scene }

export interface SamplePlan {
  readonly task: Task
  readonly scene: Scene
  /** In the order of their slots, which are 1, 2, … */
  readonly references: readonly ReferencePlan[]
  /** Which of several wordings the caption takes: any number from 0 to 1. */
  readonly wording: number
}

export interface PlanOptions {
  readonly task: Task
  readonly split: Split
  readonly difficulty: Difficulty
  readonly boxPx: number
}

/** Plans a sample from random numbers alone. */
export function planSample(options: PlanOptions, rng: Rng): SamplePlan {
  const { task } = options
  const actors = actorsOf(options, rng.fork('actors'))
  const scene: Scene = {
    style: styleOf(options, rng.fork('style')),
    styleSeed: rng.fork('style seed').int(2 ** 31),
    regions: regionsOf(task === 'columns' ? 2 : 1, rng.fork('places')),
    actors,
  }
  const references =
    task === 'style' ? [styleReference(options, scene.style, rng.fork('reference'))] : actors.flatMap(referencesOf)
  return { task, scene, references: references.sort((a, b) => a.slot - b.slot), wording: rng.fork('wording').next() }
}

function actorsOf(options: PlanOptions, rng: Rng): (ThingActor | PersonActor)[] {
  const { task } = options
  const [first, second] = rng.chance(0.5) ? [1, 2] : [2, 1] // slots say nothing about where things stand
  if (task === 'identity') return [person(options, rng, { slot: 1 })]
  if (task === 'try-on') {
    return [person(options, rng, rng.chance(0.5) ? { slot: first, garmentSlot: second } : { garmentSlot: 1 })]
  }
  if (task === 'subject') return [thing(options, rng, { slot: 1 })]
  if (task === 'subjects' && rng.chance(0.25)) {
    const [left, right] = rng.pick([
      ['left', 'right'],
      ['right', 'left'],
    ] as const)
    return [
      thing(options, rng.fork('thing'), { slot: first, spot: left }),
      person(options, rng.fork('person'), { slot: second, spot: right }),
    ]
  }
  if (task === 'subjects' || task === 'columns') return pair(options, rng, [first, second])
  if (rng.chance(0.4)) return [person(options, rng, {})]
  return rng.chance(0.5) ? pair(options, rng, []) : [thing(options, rng, {})]
}

/** Two things that do not cover each other; a quarter of the referenced pairs are of one kind, which only the references tell apart. */
function pair(options: PlanOptions, rng: Rng, slots: readonly number[]): ThingActor[] {
  const spots = options.task === 'columns' ? (['left', 'right'] as const) : rng.pick(pairs)
  const kind = rng.pick(thingKinds)
  const twins = slots.length > 0 && rng.chance(0.25)
  const other = twins ? kind : rng.pick(thingKinds.filter((another) => another !== kind))
  const one = thing(options, rng.fork('one'), { kind, spot: spots[0], slot: slots[0] })
  const wish = { kind: other, spot: spots[1], slot: slots[1], unlike: twins ? one.design : undefined }
  return [one, thing(options, rng.fork('other'), wish)]
}

const pairs: readonly (readonly [Spot, Spot])[] = [
  ['left', 'right'],
  ['left', 'right'],
  ['bottom left', 'bottom right'],
  ['top', 'bottom'],
  ['top left', 'bottom right'],
  ['bottom left', 'top right'],
]

/** Where a single thing may stand; mostly in the lower rows, where the ground is. */
const singles: readonly Spot[] = [
  'top left',
  'top',
  'top right',
  'left',
  'middle',
  'right',
  'left',
  'middle',
  'right',
  'bottom left',
  'bottom',
  'bottom right',
]

interface Wish {
  readonly kind?: ThingKind
  readonly spot?: Spot
  readonly slot?: number
  /** A design to differ from in colour or pattern. */
  readonly unlike?: Patterned
}

function thing(options: PlanOptions, rng: Rng, wish: Wish): ThingActor {
  const spot = wish.spot ?? rng.pick(singles)
  return {
    type: 'thing',
    design: drawDesign(wish.kind ?? rng.pick(thingKinds), options.split, rng.fork('design'), wish.unlike),
    spot,
    placement: placements.thing(spot, options, rng.fork('placement')),
    slot: wish.slot,
  }
}

function person(options: PlanOptions, rng: Rng, wish: Wish & { garmentSlot?: number }): PersonActor {
  const spot = wish.spot ?? rng.pick(['left', 'middle', 'right'] as const)
  const who: Person = {
    face: drawFaceOf(options.split, rng.fork('face')),
    outfit: drawOutfit(rng.fork('outfit')),
    garment: drawDesign(rng.pick(garmentKinds), options.split, rng.fork('garment')),
  }
  const placement = placements.person(spot, options, rng.fork('placement'))
  return { type: 'person', person: who, spot, placement, slot: wish.slot, garmentSlot: wish.garmentSlot }
}

function styleOf({ task, difficulty }: PlanOptions, rng: Rng): StyleName {
  if (task === 'style' || task === 'style-text') return rng.pick(styleNames)
  // Words alone teach the base every style; where a reference counts, another style is a difficulty.
  const share = task === 'text' ? 0.3 : 0.5 * difficulty.style
  return rng.chance(share) ? rng.pick(styleNames) : 'flat'
}

function regionsOf(count: 1 | 2, rng: Rng): Region[] {
  const widthPx = targetSizePx / count
  const places = [rng.pick(placeNames)]
  if (count === 2) places.push(rng.pick(placeNames.filter((place) => place !== places[0])))
  return places.map((place, i) => ({ xPx: i * widthPx, widthPx, place, seed: String(rng.int(2 ** 31)) }))
}

function referencesOf(actor: ThingActor | PersonActor, number: number): ReferencePlan[] {
  const plans: ReferencePlan[] = []
  if (actor.slot !== undefined) {
    plans.push({ slot: actor.slot, shows: actor.type === 'thing' ? 'thing' : 'face', actor: number })
  }
  if (actor.type === 'person' && actor.garmentSlot !== undefined) {
    plans.push({ slot: actor.garmentSlot, shows: 'garment', actor: number })
  }
  return plans
}

/** Another thing in another place in the same style, in the middle of the window that is shown. */
function styleReference(options: PlanOptions, style: StyleName, rng: Rng): ReferencePlan {
  const design = drawDesign(rng.pick(thingKinds), options.split, rng.fork('design'))
  const corner = 32 - options.boxPx / 2 // the box is shrunk to 3/4 about its middle, which must be the window's
  const placement = {
    xPx: styleWindow.xPx - corner,
    yPx: styleWindow.yPx - corner,
    scale: 0.75,
    flip: false,
    tiltDeg: 0,
  }
  const scene: Scene = {
    style,
    styleSeed: rng.int(2 ** 31),
    regions: regionsOf(1, rng.fork('places')),
    actors: [{ type: 'thing', design, spot: 'middle', placement }],
  }
  return { slot: 1, shows: 'style', scene }
}
