// Evaluation: a model makes the pictures of a set, the probe reads them, and the answers are counted.
import type { Model } from '@dreamgraph/dreamo'
import type { Picture } from '@dreamgraph/world'
import { conditionsOf, paint, type Sampling } from './paint.js'
import { partsOf } from './probe/parts.js'
import type { Probe } from './probe/probe.js'
import type { Prompt } from './prompts.js'
import { type Answer, answersOf, type ReadPicture } from './questions.js'
import { type RoutingScore, routingScores } from './routing.js'

/** A picture, what was read in it, and for what it was made. */
export interface ScoredPicture extends ReadPicture {
  readonly id: string
  readonly seed: bigint
  readonly picture: Picture
  readonly answers: readonly Answer[]
}

export interface Evaluation {
  readonly pictures: readonly ScoredPicture[]
  /** The drawn targets, read by the same probe: what a perfect model would score. */
  readonly drawn: readonly ReadPicture[]
  /** Empty where no model was at hand. */
  readonly routing: readonly RoutingScore[]
}

export interface ScoreOptions {
  readonly probe: Probe
  readonly prompts: readonly Prompt[]
  readonly seeds: readonly bigint[]
  readonly onPicture?: (done: number, total: number) => void
}

export interface EvaluateOptions extends ScoreOptions, Sampling {
  readonly model: Model
  /** Noise level of the routing maps. Default 0.75: the layout is being decided, and subjects can be told. */
  readonly routingSigma?: number
}

/** Makes and scores all pictures of the set. Equal arguments give equal tables. */
export async function evaluate({ model, routingSigma = 0.75, ...options }: EvaluateOptions): Promise<Evaluation> {
  const { seeds, guidance, signal } = options
  const routing: RoutingScore[] = []
  const encoded = recent((prompt: Prompt) => conditionsOf(model, prompt, options))
  const scored = await scorePictures(options, async (prompt, seed) => {
    const conditions = await encoded(prompt)
    if (seed === seeds[0]) {
      routing.push(...(await routingScores(model, prompt, conditions, { sigma: routingSigma, guidance, seed, signal })))
    }
    return paint(model, conditions, { ...options, seed })
  })
  return { ...scored, routing }
}

/** Scores pictures from anywhere: `picture` is called prompt by prompt, for each with all seeds. */
export async function scorePictures(
  { probe, prompts, seeds, onPicture }: ScoreOptions,
  picture: (prompt: Prompt, seed: bigint) => Promise<Picture>,
): Promise<Evaluation> {
  const pictures: ScoredPicture[] = []
  const drawn: ReadPicture[] = []
  for (const prompt of prompts) {
    const { id, task, sample } = prompt
    for (const seed of seeds) {
      const made = await picture(prompt, seed)
      pictures.push({ id, seed, task, picture: made, answers: await answersTo(probe, prompt, made) })
      onPicture?.(pictures.length, prompts.length * seeds.length)
    }
    drawn.push({ task, answers: await answersTo(probe, prompt, sample.target) })
  }
  return { pictures, drawn, routing: [] }
}

/** Reads all parts of a prompt's scene in a picture. */
async function answersTo(probe: Probe, { sample }: Prompt, picture: Picture): Promise<Answer[]> {
  const looks = partsOf(sample.scene).map(({ reader, square }) => ({ picture, reader, square }))
  return answersOf(sample, await probe.read(looks))
}

/** A function that keeps its last result for a call with the same argument. */
function recent<A, R>(make: (argument: A) => Promise<R>): (argument: A) => Promise<R> {
  let last: { argument: A; result: Promise<R> } | undefined
  return (argument) => {
    if (last?.argument !== argument) last = { argument, result: make(argument) }
    return last.result
  }
}
