// The tasks of the paper, and how often each is drawn.

/**
 * text: words only. style-text: words that name a style. style: a picture gives the style. subject, subjects: one or two
 * references in one place. columns: two references in two joined pictures. identity: a face. try-on: a garment, half of
 * the time together with a face.
 */
export const tasks = ['text', 'style-text', 'style', 'subject', 'subjects', 'columns', 'identity', 'try-on'] as const

export type Task = (typeof tasks)[number]

/** Weights of a draw; they need not sum to one. */
export type TaskMixture = Readonly<Record<Task, number>>

/** Subjects weigh most, as in the paper's data; text alone keeps what the base knows. */
export const taskMixture: TaskMixture = {
  text: 1,
  'style-text': 0.5,
  style: 1.5,
  subject: 2,
  subjects: 2,
  columns: 0.5,
  identity: 1.5,
  'try-on': 1.5,
}

/** What makes references hard to follow, each 0 (off) to 1 (full). */
export interface Difficulty {
  /** Off the 16-pixel token grid, by up to 8 pixels both ways. */
  readonly shift: number
  /** Scale against the reference, from 1 ± 0 to 1 ± 0.3. */
  readonly scale: number
  /** Probability of mirroring, up to a half. */
  readonly flip: number
  /** Turned by up to 15 degrees either way. */
  readonly tilt: number
  /** Probability that a target which is not about style has another style than its references, named by the caption; up to a half. */
  readonly style: number
}

/** All knobs alike. */
export function difficultyOf(level: number): Difficulty {
  return { shift: level, scale: level, flip: level, tilt: level, style: level }
}
