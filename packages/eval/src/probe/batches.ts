// Batches to train the probe on: crops of drawn scenes with what is to be seen in them.
import { choose, rngOf, stepSeed } from '@dreamgraph/train'
import { type Picture, renderSample, type Scene, type Task } from '@dreamgraph/world'
import { attributesOf, type ReaderName, type Values } from './attributes.js'
import { recolour, variedCrop } from './augment.js'
import { cropSizePx } from './crops.js'
import { colours, partsOf } from './parts.js'

export interface ReaderBatch {
  /** [batch, 3, S, S] in −1..1. */
  readonly crops: Float32Array
  /** Attribute → one-hot rows [batch, values]; zeros where the attribute is not to be seen. */
  readonly targets: Readonly<Record<string, Float32Array>>
}

interface DrawnScene {
  readonly picture: Picture
  readonly scene: Scene
}

/** Share of crops at full strength whose colours are others, and are not asked for. */
export const recolouredShare = 0.4

/** Tasks whose scenes have much of what a reader looks at; all styles come with them. */
const tasks: Readonly<Record<ReaderName, Readonly<Partial<Record<Task, number>>>>> = {
  thing: { subject: 1, subjects: 2, columns: 1, 'style-text': 1 },
  garment: { identity: 1, 'try-on': 1 },
  head: { identity: 1, 'try-on': 1 },
  face: { identity: 1, 'try-on': 1 },
  picture: { 'style-text': 3, columns: 1, subjects: 1, identity: 1 },
}

/** Scenes of the training split for a reader, each drawn when it is first asked for and kept. */
export function scenePool(reader: ReaderName, seed: bigint): (index: number) => DrawnScene {
  const pool: DrawnScene[] = []
  return (index) => {
    pool[index] ??= drawScene(reader, seed, index)
    return pool[index]
  }
}

function drawScene(reader: ReaderName, seed: bigint, index: number): DrawnScene {
  const rng = rngOf(stepSeed(seed, index))
  const task = choose(tasks[reader] as Record<Task, number>, rng)
  const level = (): number => Math.max(0, 1.5 * rng() - 0.5) // a third of all at 0
  const difficulty = { shift: level(), scale: level(), flip: level(), tilt: level(), style: 1 }
  const { target, scene } = renderSample({ seed: `probe ${seed}`, index, split: 'train', task, difficulty })
  return { picture: target, scene }
}

export interface BatchDraw {
  readonly reader: ReaderName
  readonly seed: bigint
  readonly step: number
  readonly batch: number
  /** Size of the pool. */
  readonly scenes: number
  /** How far crops are varied, 0..1. */
  readonly strength: number
}

/** The batch of a step. Depends on its arguments alone. */
export function readerBatch(sceneAt: (index: number) => DrawnScene, draw: BatchDraw): ReaderBatch {
  const { reader, seed, step, batch, scenes, strength } = draw
  const rng = rngOf(stepSeed(seed, step, 0))
  const result = emptyBatch(reader, batch)
  let neighbour = sceneAt(Math.floor(rng() * scenes)).picture
  let row = 0
  while (row < batch) {
    const { picture, scene } = sceneAt(Math.floor(rng() * scenes))
    for (const part of partsOf(scene)) {
      if (part.reader !== reader || row === batch) continue
      const crop = variedCrop(picture, part.square, { reader, strength, neighbour, rng })
      const isRecoloured = reader !== 'picture' && rng() < recolouredShare * strength
      result.crops.set(isRecoloured ? recolour(crop, rng) : crop, row * crop.length)
      setTargets(result, reader, row, isRecoloured ? withoutColours(part.truth) : part.truth)
      row++
    }
    neighbour = picture
  }
  return result
}

const withoutColours = (truth: Values): Values =>
  Object.fromEntries(Object.entries(truth).filter(([attribute]) => !colours.has(attribute)))

function emptyBatch(reader: ReaderName, batch: number): ReaderBatch {
  const attributes = attributesOf(reader)
  return {
    crops: new Float32Array(batch * 3 * cropSizePx[reader] ** 2),
    targets: Object.fromEntries(attributes.map(([name, values]) => [name, new Float32Array(batch * values.length)])),
  }
}

function setTargets({ targets }: ReaderBatch, reader: ReaderName, row: number, truth: Values): void {
  for (const [attribute, values] of attributesOf(reader)) {
    const at = values.indexOf(truth[attribute])
    if (at >= 0) targets[attribute][row * values.length + at] = 1
  }
}
