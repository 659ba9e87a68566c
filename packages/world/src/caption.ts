// Says in words what a sample shows: what no reference shows in full, what a reference shows by its kind alone.
import type { Design } from './design.js'
import { patternPhrases } from './patterns.js'
import { type Face, markPhrases } from './person/face.js'
import { hairPhrases, type Outfit } from './person/outfit.js'
import { placePhrases } from './places/places.js'
import type { SamplePlan } from './plan.js'
import { type PersonActor, type Scene, spotPhrases, type ThingActor } from './scene.js'
import type { Task } from './tasks.js'

/** What the prompt of a style by picture begins with; DreamO was trained with these words. */
export const sameStylePrefix = 'generate a same style image.'

export interface CaptionOptions {
  /** Names references by `[ref#n]`; else things of one kind are told apart as "first" and "second", by slot. */
  readonly placeholders: boolean
}

/** Everything of a plan in words, in lower case, as if there were no references: what a model without references reads. */
export function describe({ task, scene, wording }: SamplePlan): string {
  const actors = scene.actors.map(({ slot: _, ...actor }) =>
    actor.type === 'thing' ? sayThing(actor, false, new Set()) : sayPerson({ ...actor, garmentSlot: undefined }, false),
  )
  const said = sayAll(task, scene, actors, wording)
  return scene.style === 'flat' && task !== 'style-text' && task !== 'style' ? said : `${said}, in ${scene.style} style`
}

/** The caption of a plan, in lower case. */
export function captionOf({ task, scene, wording }: SamplePlan, { placeholders }: CaptionOptions): string {
  const twins = twinKinds(scene)
  const actors = scene.actors.map((actor) =>
    actor.type === 'thing' ? sayThing(actor, placeholders, twins) : sayPerson(actor, placeholders),
  )
  const said = sayAll(task, scene, actors, wording)
  if (task === 'style') return `${sameStylePrefix} ${said}`
  return scene.style === 'flat' && task !== 'style-text' ? said : `${said}, in ${scene.style} style`
}

function sayAll(task: Task, { regions }: Scene, actors: readonly string[], wording: number): string {
  const places = regions.map(({ place }) => placePhrases[place])
  return task === 'columns' ? sayColumns(actors, places) : sayScene(actors, places[0]!, wording)
}

function sayScene(actors: readonly string[], place: string, wording: number): string {
  const all = actors.join(' and ')
  if (wording < 0.5) return `${all}, ${place}`
  return wording < 0.75 ? `${place}, ${all}` : `a picture of ${all}, ${place}`
}

function sayColumns(actors: readonly string[], places: readonly string[]): string {
  return `two pictures side by side: ${actors.map((actor, i) => `${actor} ${places[i]}`).join(', ')}`
}

function sayThing({ design, spot, slot }: ThingActor, placeholders: boolean, twins: ReadonlySet<string>): string {
  const where = spotPhrases[spot]
  if (slot === undefined) return `${sayDesign(design)} ${where}`
  if (placeholders) return `the ${design.kind} [ref#${slot}] ${where}`
  const ordinal = twins.has(design.kind) ? (slot === 1 ? 'first ' : 'second ') : ''
  return `the ${ordinal}${design.kind} ${where}`
}

function sayPerson({ person, spot, slot, garmentSlot }: PersonActor, placeholders: boolean): string {
  const { face, outfit, garment } = person
  const where = spotPhrases[spot]
  const reference = placeholders && slot !== undefined ? ` [ref#${slot}]` : ''
  const traits = slot === undefined ? [...sayFace(face), ...sayOutfit(outfit)] : sayOutfit(outfit)
  const noun = slot === undefined ? 'a person' : `the person${reference}`
  const garmentReference = placeholders ? ` [ref#${garmentSlot}]` : ''
  const wears = garmentSlot === undefined ? sayDesign(garment) : `the ${garment.kind}${garmentReference}`
  return `${noun} ${where} with ${listed(traits)}, wearing ${wears}`
}

/** "a red mug with white stripes"; a plain one "a red and white mug"; overalls are plural. */
function sayDesign({ kind, colour, accent, pattern }: Design<string>): string {
  const noun = `${kind === 'overalls' ? '' : article(colour)}${colour}`
  if (pattern === 'plain') return `${noun} and ${accent} ${kind}`
  return `${noun} ${kind} with ${accent} ${patternPhrases[pattern]}`
}

/** What of a face is put into words; its shape is not. */
function sayFace(face: Face): string[] {
  const mark = markPhrases[face.mark]
  return [`${face.skin} skin`, `${face.eyes} eyes`, ...(mark === '' ? [] : [mark])]
}

function sayOutfit(outfit: Outfit): string[] {
  const said = outfit.hair === 'bald' ? ['a bald head'] : [`${hairPhrases[outfit.hair]} ${outfit.hairColour} hair`]
  if (outfit.glasses !== 'none') said.push(`${outfit.glasses} glasses`)
  if (outfit.hat !== 'none') said.push(`${article(outfit.hatColour)}${outfit.hatColour} ${outfit.hat}`)
  return said
}

const article = (colour: string): string => (colour === 'orange' ? 'an ' : 'a ')

function listed(items: readonly string[]): string {
  return items.length < 2 ? items.join('') : `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`
}

/** Kinds that two references share. */
function twinKinds(scene: Scene): Set<string> {
  const kinds = scene.actors.flatMap((actor) => (actor.type === 'thing' ? [actor.design.kind] : []))
  return new Set(kinds.filter((kind, i) => kinds.indexOf(kind) !== i))
}
