// What a sample is asked for with, and the check of it.
import { WorldError } from './errors.js'
import { type Split, splits } from './split.js'
import { type Difficulty, difficultyOf, type Task, type TaskMixture, tasks } from './tasks.js'

export interface SampleRequest {
  readonly seed: bigint | string
  /** 0, 1, 2, … : every index of a seed and split is another sample. */
  readonly index: number
  /** test shows only combinations that train never shows. */
  readonly split: Split
  /** Default: drawn from the mixture. */
  readonly task?: Task
  /** Default: taskMixture. */
  readonly mixture?: TaskMixture
  /** Default: all knobs 0. */
  readonly difficulty?: Difficulty
  /** Whether captions point at references by `[ref#n]`. Default: half of them. */
  readonly placeholders?: (typeof placeholderChoices)[number]
  /** Pixels of a reference both ways, and of a subject in the target at scale 1. Default: 64. */
  readonly referenceSizePx?: (typeof referenceSizesPx)[number]
}

const placeholderChoices = ['half', 'always', 'never'] as const
const referenceSizesPx = [48, 64] as const

/** Throws WorldError unless every part of the request is one that renderSample can follow. */
export function checkRequest(request: SampleRequest): void {
  const { index, difficulty = difficultyOf(0), mixture } = request
  if (!Number.isSafeInteger(index) || index < 0) {
    throw new WorldError('world/index-invalid', `index: expected a whole number from 0, got ${index}`)
  }
  checkChoice('split', splits, request.split)
  if (request.task !== undefined) checkChoice('task', tasks, request.task)
  if (request.placeholders !== undefined) checkChoice('placeholders', placeholderChoices, request.placeholders)
  if (request.referenceSizePx !== undefined) checkChoice('referenceSizePx', referenceSizesPx, request.referenceSizePx)
  for (const knob of Object.keys(difficultyOf(0)) as (keyof Difficulty)[]) {
    const level = difficulty[knob]
    if (!(level >= 0 && level <= 1)) {
      throw new WorldError(
        'world/difficulty-invalid',
        `difficulty.${knob}: expected a number from 0 to 1, got ${level}`,
      )
    }
  }
  if (mixture !== undefined) checkMixture(mixture)
}

function checkMixture(mixture: TaskMixture): void {
  for (const task of tasks) {
    if (!(mixture[task] >= 0 && mixture[task] < Infinity)) {
      throw new WorldError('world/mixture-invalid', `mixture.${task}: expected a weight from 0, got ${mixture[task]}`)
    }
  }
  if (tasks.every((task) => mixture[task] === 0)) {
    throw new WorldError('world/mixture-invalid', 'mixture: expected a task with a weight above 0, got zeros alone')
  }
}

function checkChoice(where: string, choices: readonly (string | number)[], choice: string | number): void {
  if (choices.includes(choice)) return
  throw new WorldError('world/choice-invalid', `${where}: expected one of ${choices.join(', ')}, got ${choice}`)
}
