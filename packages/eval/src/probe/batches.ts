// Batches to train the probe on: crops of drawn scenes with what is to be seen in them.
import { choose, rngOf, stepSeed } from '@dreamgraph/train'
import { type Picture, renderSample, type Scene, type Task } from '@dreamgraph/world'
import { attributesOf, type ReaderName, readerNames, type Values } from './attributes.js'
import { variedCrop } from './augment.js'
import { cropSizePx } from './crops.js'
import { partsOf } from './parts.js'

export interface ReaderBatch {
  /** [batch, 3, S, S] in −1..1. */
  readonly crops: Float32Array
  /** Attribute → one-hot rows [batch, values]; zeros where the attribute is not to be seen. */
  readonly targets: Readonly<Record<string, Float32Array>>
}

/** Crops of each reader in a step. */
export type BatchSizes = Readonly<Record<ReaderName, number>>

export type ProbeBatch = Readonly<Record<ReaderName, ReaderBatch>>

interface DrawnScene {
  readonly picture: Picture
  readonly scene: Scene
}

/** Persons have most to read; tasks of a style bring all styles evenly. */
const tasks: Readonly<Partial<Record<Task, number>>> = {
  identity: 3,
  'try-on': 2,
  subjects: 2,
  columns: 1,
  style: 1,
  'style-text': 1,
  text: 1,
}

/** A pool of scenes of the training split, each drawn when it is first asked for and kept. */
export function scenePool(seed: bigint, count: number): (index: number) => DrawnScene {
  const pool: DrawnScene[] = []
  return (index) => {
    pool[index % count] ??= drawScene(seed, index % count)
    return pool[index % count]
  }
}

function drawScene(seed: bigint, index: number): DrawnScene {
  const rng = rngOf(stepSeed(seed, index))
  const task = choose(tasks as Record<Task, number>, rng)
  const level = (): number => Math.max(0, 1.5 * rng() - 0.5) // a third of all at 0
  const difficulty = { shift: level(), scale: level(), flip: level(), tilt: level(), style: 1 }
  const { target, scene } = renderSample({ seed: `probe ${seed}`, index, split: 'train', task, difficulty })
  return { picture: target, scene }
}

export interface BatchDraw {
  readonly seed: bigint
  readonly step: number
  readonly batch: BatchSizes
  /** Size of the pool. */
  readonly scenes: number
  /** How far crops are varied, 0..1. */
  readonly strength: number
}

/** The batch of a step. Depends on its arguments alone. */
export function probeBatch(
  sceneAt: (index: number) => DrawnScene,
  { seed, step, batch, scenes, strength }: BatchDraw,
): ProbeBatch {
  const rng = rngOf(stepSeed(seed, step, 0))
  const filled = Object.fromEntries(readerNames.map((reader) => [reader, 0])) as Record<ReaderName, number>
  const batches = Object.fromEntries(
    readerNames.map((reader) => [reader, emptyBatch(reader, batch[reader])]),
  ) as ProbeBatch
  let neighbour = sceneAt(Math.floor(rng() * scenes)).picture
  while (readerNames.some((reader) => filled[reader] < batch[reader])) {
    const { picture, scene } = sceneAt(Math.floor(rng() * scenes))
    for (const { reader, square, truth } of partsOf(scene)) {
      const row = filled[reader]
      if (row === batch[reader]) continue
      const crop = variedCrop(picture, square, { reader, strength, neighbour, rng })
      batches[reader].crops.set(crop, row * crop.length)
      setTargets(batches[reader], reader, row, truth)
      filled[reader]++
    }
    neighbour = picture
  }
  return batches
}

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
