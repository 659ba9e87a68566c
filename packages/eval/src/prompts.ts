// The evaluation set: samples of the world's test split, a fixed number for each task.
import { difficultyOf, renderSample, type Sample, type Task, tasks } from '@dreamgraph/world'
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
}

/** Seed of every set: equal sets hold equal prompts, and a larger one begins with those of a smaller one. */
const worldSeed = 'evaluation'

export const defaultPromptSet: PromptSet = { tasks, count: 8, difficulty: 0 }

/** Draws the set, task by task. Throws eval/options-invalid. */
export function promptsOf({ tasks: wanted, count, difficulty }: PromptSet): Prompt[] {
  const unknown = wanted.find((task) => !tasks.includes(task))
  if (unknown !== undefined || wanted.length === 0) {
    const rule = `some of ${tasks.join(', ')}`
    throw new EvaluationError('eval/options-invalid', `tasks: expected ${rule}, got ${unknown ?? 'none'}`)
  }
  if (!Number.isSafeInteger(count) || count < 1 || count > 1000) {
    throw new EvaluationError('eval/options-invalid', `count: expected a whole number from 1 to 1000, got ${count}`)
  }
  if (!(difficulty >= 0 && difficulty <= 1)) {
    throw new EvaluationError('eval/options-invalid', `difficulty: expected a number from 0 to 1, got ${difficulty}`)
  }
  return wanted.flatMap((task) =>
    Array.from({ length: count }, (_, index) => ({
      id: `${task}-${String(index).padStart(3, '0')}`,
      task,
      sample: renderSample({ seed: worldSeed, index, split: 'test', task, difficulty: difficultyOf(difficulty) }),
    })),
  )
}
