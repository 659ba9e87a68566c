// What a picture is asked: what the probe should read in it, and how a model could know.
import { type Face, faceAttributes, type PersonActor, type Sample } from '@dreamgraph/world'
import type { ReaderName, Values } from './probe/attributes.js'
import { type Part, partsOf } from './probe/parts.js'

/** How a model is told: by a reference picture, by words of the caption, or not at all. */
export type Told = 'reference' | 'text' | 'nothing'

/** One attribute of one part of a picture, as it should be and as it was read. */
export interface Answer {
  readonly reader: ReaderName
  /** Number of the actor in the scene; of the region for pictures. */
  readonly number: number
  readonly attribute: string
  readonly told: Told
  readonly expected: string
  readonly read: string
}

export const isRight = ({ expected, read }: Answer): boolean => expected === read

/** A picture with all answers to it. */
export interface ReadPicture {
  readonly task: Sample['task']
  readonly answers: readonly Answer[]
}

/** Puts readings of all parts of a sample's scene, in the order of `partsOf`, beside its truth. */
export function answersOf(sample: Pick<Sample, 'task' | 'scene'>, readings: readonly Values[]): Answer[] {
  return partsOf(sample.scene).flatMap((part, i) =>
    Object.entries(part.truth).map(([attribute, expected]) => ({
      reader: part.reader,
      number: part.number,
      attribute,
      told: toldOf(sample, part, attribute),
      expected,
      read: readings[i][attribute],
    })),
  )
}

function toldOf({ task, scene }: Pick<Sample, 'task' | 'scene'>, { reader, number }: Part, attribute: string): Told {
  if (reader === 'picture') {
    if (attribute === 'place') return 'text'
    if (task === 'style') return 'reference'
    // Captions leave out the plain manner, so a flat picture was not asked for.
    return task === 'style-text' || scene.style !== 'flat' ? 'text' : 'nothing'
  }
  const actor = scene.actors[number]
  if (actor.type === 'thing') return actor.slot === undefined ? 'text' : 'reference'
  if (reader === 'garment') return actor.garmentSlot === undefined ? 'text' : 'reference'
  if (attribute in faceAttributes) return toldOfFace(actor, attribute as keyof Face)
  // Captions name what is worn, and not what is not.
  const isUnsaid = (attribute === 'hat' || attribute === 'glasses') && actor.person.outfit[attribute] === 'none'
  return isUnsaid ? 'nothing' : 'text'
}

/** Without a reference, captions say skin, eyes and what marks a face; what has no mark is not said. */
function toldOfFace({ slot, person: { face } }: PersonActor, attribute: keyof Face): Told {
  if (slot !== undefined) return 'reference'
  const isSaid = attribute === 'skin' || attribute === 'eyes' || (attribute === 'mark' && face.mark !== 'none')
  return isSaid ? 'text' : 'nothing'
}
