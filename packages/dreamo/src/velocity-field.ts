// The transformer under one set of conditions, as a function of latents and noise level; on request with what its
// references' queries find in the picture.
import { RuntimeError, type Session, type TensorData } from '@dreamgraph/runtime'
import { conditioningOf } from './conditioning.js'
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
import { graphKey, shapesOf } from './graph-key.js'
import type { Model } from './model.js'
import { isAhead } from './modulations.js'
import { runningWeights } from './quantize/running-weights.js'
import { responsesReader } from './read-responses.js'
import type { Responses } from './routing-maps.js'
import type { Sessions } from './sessions.js'
import { transformer } from './transformer/transformer.js'

export interface FieldValue {
  /** [tokens, inChannels] f32 */
  readonly velocity: Float32Array
  readonly responses?: Responses
  /** The step took the work of most blocks from an earlier one, see `cachedField`. */
  readonly isReused?: boolean
}

export type VelocityField = (at: FieldPoint) => Promise<FieldValue>

export interface FieldOptions {
  /** Where evaluations of one model meet to share passes. Default: none meets another. */
  readonly gathering?: Gathering
  /** Where it is computed. Default: where the model is. */
  readonly sessions?: Sessions
}

/**
 * The field under these conditions. On a CPU the velocity is the same, to the byte, whether responses are read or not and
 * whoever else is computed in the same pass.
 */
export function velocityField(
  model: Model,
  conditions: FieldConditions,
  { gathering = new Gathering(), sessions = model.sessions }: FieldOptions = {},
): VelocityField {
  const { config } = model.transformer
  const { grid, text, references, hasRows, ahead = isAhead(config) } = conditions
  let feeds: Record<string, TensorData> | undefined // a branch that goes along with the other one needs none
  const conditioning = conditioningOf(model, text.pooled, ahead)
  const slots = references.map(({ slot }) => slot)
  // What the feeds that a pass shares hang on: positions, and rows by slot.
  const layout = JSON.stringify([
    text.states.shape[1],
    grid,
    references.map(({ slot, grid }) => [slot, grid]),
    hasRows,
    ahead,
  ])
  const lengths = lengthsOf(conditions)
  const tokens = sequenceTokens(conditions)
  // A session that tells of responses is opened when they are first asked for, and then stays in use: another one costs a load,
  // and they next to nothing.
  let hasResponses = false

  async function compute(all: readonly Evaluation[], signal?: AbortSignal): Promise<FieldValue[]> {
    const isRead = all.some((one) => one.isRead)
    const stacked = stackedFeeds(all.map(({ constant, point }) => ({ ...constant, ...point })))
    hasResponses ||= isRead
    const session = await openSession(model, sessions, stacked, { lengths, hasResponses, ahead })
    const results = await session.run(stacked, { signal, outputs: outputsOf(isRead) })
    return all.map((one, item) => {
      const velocity = itemOf(results.velocity, 0, item)
      if (!one.isRead) return { velocity }
      // [layers, B, references, tokens]
      const data = itemOf(results.responses, 1, item)
      return { velocity, responses: { layers: results.responses.shape[0], slots, grid, data } }
    })
  }

  return async (at) => {
    const { withResponses = false, signal } = at
    const isRead = withResponses && references.length > 0
    feeds ??= feedsOf(model, conditions)
    try {
      const item: Evaluation = { constant: feeds, point: await pointFeeds(config, conditioning, at), isRead }
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

const outputsOf = (isRead: boolean): string[] => (isRead ? ['velocity', 'responses'] : ['velocity'])

function openSession(
  model: Model,
  sessions: Sessions,
  feeds: Record<string, TensorData>,
  { lengths, hasResponses, ahead }: { lengths: readonly number[]; hasResponses: boolean; ahead: boolean },
): Promise<Session> {
  const { config } = model.transformer
  const [batch, textTokens] = feeds.text.shape
  const name = `transformer, ${batch > 1 ? `${batch} times ` : ''}${lengths.join('+')} tokens`
  return sessions.built(model.transformer.weights, graphKey(model, shapesOf(feeds), name, hasResponses), async () => {
    const { parameters, placement: weights } = await runningWeights(model)
    const reader = hasResponses ? responsesReader(textTokens, lengths) : undefined
    const inputs = symbolsOf(config, feeds, { lengths, ahead })
    const velocity = transformer(parameters, config, inputs, { keepTokens: lengths[0], read: reader?.read })
    if (!reader) return sessions.of(name, { velocity }, { weights })
    return sessions.of(`${name}, with responses`, { velocity, responses: reader.responses() }, { weights })
  })
}
