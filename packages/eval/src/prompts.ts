// The evaluation set: samples of the world's test split, a fixed number for each task.
import {
  difficultyOf,
  placeNames,
  renderSample,
  type Sample,
  type SampleRequest,
  sceneOf,
  styleNames,
  type Task,
  tasks,
} from '@dreamgraph/world'
import { EvaluationError } from './errors.js'

export interface Prompt {
  /** Task and number, such as `try-on-003`: names files. */
  readonly id: string
  readonly task: Task
  /** Caption, references and the drawn target with its whole truth. */
  readonly sample: Sample
}

export interface PromptSet {
  readonly tasks: readonly Task[]
  /** Prompts of each task. */
  readonly count: number
  /** All knobs of the world's difficulty, 0..1. */
  readonly difficulty: number
  /**
   * Name of the draw. Equal names give equal prompts, and a larger set begins with those of a smaller one. What is tried out while
   * a model is made belongs on another than the default, or numbers tell how well it was fitted to them.
   */
  readonly draw?: string
}

const defaultDraw = 'evaluation'

export const defaultPromptSet: PromptSet = { tasks, count: 8, difficulty: 0 }

/** Draws the set, task by task. Throws eval/options-invalid. */
export function promptsOf({ tasks: wanted, count, difficulty, draw = defaultDraw }: PromptSet): Prompt[] {
  const unknown = wanted.find((task) => !tasks.includes(task))
  if (unknown !== undefined || wanted.length === 0) {
    const rule = `some of ${tasks.join(', ')}`
    throw new EvaluationError('eval/options-invalid', `tasks: expected ${rule}, got ${unknown ?? 'none'}`)
  }
  if (!Number.isSafeInteger(count) || count < 1 || count > mostOfTask) {
    throw new EvaluationError(
      'eval/options-invalid',
      `count: expected a whole number from 1 to ${mostOfTask}, got ${count}`,
    )
  }
  if (!(difficulty >= 0 && difficulty <= 1)) {
    throw new EvaluationError('eval/options-invalid', `difficulty: expected a number from 0 to 1, got ${difficulty}`)
  }
  return wanted.flatMap((task) =>
    Array.from({ length: count }, (_, number) => ({
      id: `${task}-${String(number).padStart(3, '0')}`,
      task,
      sample: renderSample(
        balanced({ seed: `${draw}/${task}`, index: number, split: 'test', task, difficulty: difficultyOf(difficulty) }),
      ),
    })),
  )
}

/** No set has more prompts of a task: the next thousand are further draws for the same numbers. */
const mostOfTask = 1000

/**
 * The first draw for this number whose style, or place, is next in turn: all come as often. Drawn freely, sixteen prompts about
 * style showed one style four times and another once.
 */
function balanced(request: SampleRequest & { task: Task }): SampleRequest {
  const isAboutStyle = request.task === 'style' || request.task === 'style-text'
  const wanted: readonly string[] = isAboutStyle ? styleNames : placeNames
  for (let index = request.index; ; index += mostOfTask) {
    const { style, regions } = sceneOf({ ...request, index })
    if ((isAboutStyle ? style : regions[0].place) === wanted[request.index % wanted.length])
      return { ...request, index }
  }
}
