// The transformer under one set of conditions, as a function of latents and noise level; on request with what its
// references' queries find in the picture.
import { RuntimeError, type Session, type TensorData } from '@dreamgraph/runtime'
import type { FluxConfig } from './configs.js'
import { itemOf, stackedFeeds } from './field-batch.js'
import {
  type FieldConditions,
  type FieldPoint,
  feedsOf,
  lengthsOf,
  pointFeeds,
  sequenceTokens,
  symbolsOf,
} from './field-feeds.js'
import { Gathering } from './gathering.js'
import type { Model } from './model.js'
import { runningWeights } from './quantize/running-weights.js'
import { responsesReader } from './read-responses.js'
import type { Responses } from './routing-maps.js'
import { transformer } from './transformer/transformer.js'

export interface FieldValue {
  /** [tokens, inChannels] f32 */
  readonly velocity: Float32Array
  readonly responses?: Responses
  /** The step took the work of most blocks from an earlier one, see `cachedField`. */
  readonly isReused?: boolean
}

export type VelocityField = (at: FieldPoint) => Promise<FieldValue>

/**
 * The field under these conditions. On a CPU the velocity is the same, to the byte, whether responses are read or not and
 * whoever else is computed in the same pass: evaluations of one model meet in `gathering`.
 */
export function velocityField(model: Model, conditions: FieldConditions, gathering = new Gathering()): VelocityField {
  const { config } = model.transformer
  const { grid, text, references, hasRows } = conditions
  const feeds = feedsOf(model, conditions)
  const slots = references.map(({ slot }) => slot)
  // What the feeds that a pass shares hang on: positions, and rows by slot.
  const layout = JSON.stringify([text.states.shape[1], grid, references.map(({ slot, grid }) => [slot, grid]), hasRows])
  const lengths = lengthsOf(conditions)
  const tokens = sequenceTokens(conditions)
  // A session that tells of responses is opened when they are first asked for, and then stays in use: another one costs a load,
  // and they next to nothing.
  let hasResponses = false

  async function compute(all: readonly Evaluation[], signal?: AbortSignal): Promise<FieldValue[]> {
    const isRead = all.some((one) => one.isRead)
    const stacked = stackedFeeds(all.map(({ constant, point }) => ({ ...constant, ...point })))
    hasResponses ||= isRead
    const session = await openSession(model, stacked, { lengths, hasResponses })
    const results = await session.run(stacked, { signal, outputs: outputsOf(isRead) })
    return all.map((one, item) => {
      const velocity = itemOf(results.velocity, 0, item)
      if (!one.isRead) return { velocity }
      // [layers, B, references, tokens]
      const data = itemOf(results.responses, 1, item)
      return { velocity, responses: { layers: results.responses.shape[0], slots, grid, data } }
    })
  }

  return async ({ latents, sigma, guidance, withResponses = false, signal }) => {
    const isRead = withResponses && references.length > 0
    const item: Evaluation = { constant: feeds, point: pointFeeds(config, { latents, sigma, guidance }), isRead }
    try {
      return await gathering.do({ key: layout, most: mostInPass(config, tokens), item, signal, compute })
    } catch (error) {
      if (!signal?.aborted || error !== signal.reason) throw error
      throw new RuntimeError('runtime/cancelled', 'transformer: expected to finish, got cancelled', { cause: error })
    }
  }
}

/** One evaluation, as feeds of a batch of one. */
interface Evaluation {
  readonly constant: Record<string, TensorData>
  readonly point: Record<string, TensorData>
  readonly isRead: boolean
}

/** A pass over more values than this, tokens times hidden size, keeps the processor busy by itself. */
const valuesOfPass = 2 ** 19
const mostOfPass = 8

/** Sequences of so many tokens that gain from sharing a pass. */
export const mostInPass = ({ hiddenSize }: FluxConfig, tokens: number): number =>
  Math.min(mostOfPass, Math.floor(valuesOfPass / (tokens * hiddenSize)))

export const outputsOf = (isRead: boolean): string[] => (isRead ? ['velocity', 'responses'] : ['velocity'])

/** Adapters by a number of their own: a graph hangs on them as it does on the weights. */
const numbers = new WeakMap<Model['adapters'], number>()
let newest = 0

function numberOf(adapters: Model['adapters']): number {
  const number = numbers.get(adapters) ?? ++newest
  numbers.set(adapters, number)
  return number
}

/** All that the graph of a transformer hangs on, besides its weights. */
export const graphKey = (model: Model, feeds: Record<string, TensorData>, ...others: readonly unknown[]): string => {
  const shapes = Object.entries(feeds).map(([name, { shape }]) => [name, shape])
  return JSON.stringify([numberOf(model.adapters), model.loraMode, model.quantization, shapes, others])
}

function openSession(
  model: Model,
  feeds: Record<string, TensorData>,
  { lengths, hasResponses }: { lengths: readonly number[]; hasResponses: boolean },
): Promise<Session> {
  const { config } = model.transformer
  const [batch, textTokens] = feeds.text.shape
  const name = `transformer, ${batch > 1 ? `${batch} times ` : ''}${lengths.join('+')} tokens`
  return model.sessions.built(model.transformer.weights, graphKey(model, feeds, name, hasResponses), async () => {
    const { parameters, placement: weights } = await runningWeights(model)
    const reader = hasResponses ? responsesReader(textTokens, lengths) : undefined
    const inputs = symbolsOf(config, feeds, lengths)
    const velocity = transformer(parameters, config, inputs, { keepTokens: lengths[0], read: reader?.read })
    if (!reader) return model.sessions.of(name, { velocity }, { weights })
    return model.sessions.of(`${name}, with responses`, { velocity, responses: reader.responses() }, { weights })
  })
}
