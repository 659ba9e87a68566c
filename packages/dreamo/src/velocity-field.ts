// The transformer under one set of conditions, as a function of latents and noise level; on request with what its
// references' queries find in the picture.
import { concat, constantInt64, gather, input, type Tensor } from '@dreamgraph/onnx'
import { RuntimeError, type Session, type TensorData } from '@dreamgraph/runtime'
import type { FluxConfig } from './configs.js'
import { segmentRows } from './embeddings.js'
import type { EncodedReference } from './encode-reference.js'
import type { EncodedText } from './encode-text.js'
import { Gathering } from './gathering.js'
import { positionIds, sequenceIds, type TokenGrid } from './latents.js'
import { type LayerHeads, type Span, sequenceSpans } from './losses/attention-heads.js'
import { layerMaps } from './losses/routing.js'
import type { Model } from './model.js'
import { runningWeights } from './quantize/running-weights.js'
import { ropeTable } from './rope.js'
import type { Responses } from './routing-maps.js'
import { SINUSOID_WIDTH, sinusoid } from './sinusoid.js'
import { type TransformerInputs, transformer } from './transformer/transformer.js'

export interface FieldConditions {
  readonly grid: TokenGrid
  readonly text: EncodedText
  /** In slot order; none in the negative branch of true CFG. */
  readonly references: readonly EncodedReference[]
  /** DreamO's rows on the tokens. Plain FLUX and the negative branch of true CFG know none. */
  readonly hasRows: boolean
}

export interface FieldPoint {
  /** Packed latents of the picture, [tokens, inChannels] f32. */
  readonly latents: Float32Array
  readonly sigma: number
  /** Distilled guidance; ignored by models without a guidance embedding. */
  readonly guidance: number
  /** Also tell where references respond; nothing without references. */
  readonly withResponses?: boolean
  readonly signal?: AbortSignal
}

export interface FieldValue {
  /** [tokens, inChannels] f32 */
  readonly velocity: Float32Array
  readonly responses?: Responses
  /** The step took the work of most blocks from an earlier one, see `cachedField`. */
  readonly isReused?: boolean
}

export type VelocityField = (at: FieldPoint) => Promise<FieldValue>

/** Where evaluations of one model's field meet, and the sessions that they share there. */
export class FieldGathering extends Gathering {
  readonly sessions = new Map<string, Promise<Session>>()
}

/**
 * The field under these conditions. On a CPU the velocity is the same, to the byte, whether responses are read or not and
 * whoever else is computed in the same pass.
 */
export function velocityField(
  model: Model,
  conditions: FieldConditions,
  gathering = new FieldGathering(),
): VelocityField {
  const { config } = model.transformer
  const { grid, text, references, hasRows } = conditions
  const feeds = feedsOf(model, conditions)
  const slots = references.map(({ slot }) => slot)
  // What the feeds that a pass shares hang on: positions, and rows by slot.
  const layout = JSON.stringify([text.states.shape[1], grid, references.map(({ slot, grid }) => [slot, grid]), hasRows])
  const lengths = lengthsOf(conditions)
  const tokens = lengths.reduce((sum, length) => sum + length, text.states.shape[1])

  async function compute(all: readonly Evaluation[], signal?: AbortSignal): Promise<FieldValue[]> {
    const batch = all.length
    const isRead = all.some((one) => one.isRead)
    const stacked = stackedFeeds(all)
    const session = await sessionFor(gathering.sessions, `${layout} ${batch}`, isRead, (hasResponses) =>
      openSession(model, stacked, { lengths, hasResponses }),
    )
    const outputs = isRead ? ['velocity', 'responses'] : ['velocity']
    const results = await session.run(stacked, { signal, outputs })
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
      return await gathering.do({ key: layout, most: mostInPass(tokens), item, signal, compute })
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

/** A pass over more tokens than this keeps the processor busy by itself. */
const tokensOfPass = 2048
const mostOfPass = 8

const mostInPass = (tokens: number): number => Math.min(mostOfPass, Math.floor(tokensOfPass / tokens))

/**
 * Opened only when it is asked for: a graph that reads responses from the first step on needs no other. And once open it stays
 * in use, because another session costs a load and this one costs next to nothing.
 */
function sessionFor(
  sessions: Map<string, Promise<Session>>,
  name: string,
  isRead: boolean,
  open: (hasResponses: boolean) => Promise<Session>,
): Promise<Session> {
  const reading = `${name}, with responses`
  const known = sessions.get(reading) ?? (isRead ? undefined : sessions.get(name))
  if (known) return known
  const key = isRead ? reading : name
  const session = open(isRead)
  sessions.set(key, session)
  session.catch(() => sessions.delete(key)) // the next one tries again
  return session
}

/** Feeds that are equal for all evaluations of a layout; the others get a row for each. */
const sharedFeeds = new Set(['cos', 'sin', 'segments'])

function stackedFeeds(all: readonly Evaluation[]): Record<string, TensorData> {
  const feeds = all.map(({ constant, point }) => ({ ...constant, ...point }))
  const [first] = feeds
  if (all.length === 1) return first
  return Object.fromEntries(
    Object.entries(first).map(([name, one]) => [
      name,
      sharedFeeds.has(name) ? one : stacked(feeds.map((each) => each[name])),
    ]),
  )
}

/** [1, …] each → [B, …]. */
function stacked(parts: readonly TensorData[]): TensorData {
  const [{ shape, data }] = parts
  const all = new Float32Array(parts.length * data.length)
  parts.forEach((part, i) => {
    all.set(part.data as Float32Array, i * data.length)
  })
  return floats([parts.length, ...shape.slice(1)], all)
}

/** The values of one item along an axis before which stand few: its own copy, unless it is all there is. */
function itemOf({ shape, data }: TensorData, axis: number, item: number): Float32Array {
  const values = data as Float32Array
  const count = shape[axis]
  if (count === 1) return values
  const before = shape.slice(0, axis).reduce((n, size) => n * size, 1)
  const length = values.length / before / count
  const own = new Float32Array(before * length)
  for (let i = 0; i < before; i++) {
    const from = (i * count + item) * length
    own.set(values.subarray(from, from + length), i * length)
  }
  return own
}

/** Tokens of the image and of each reference. */
export const lengthsOf = ({ grid, references }: FieldConditions): number[] =>
  [grid, ...references.map((reference) => reference.grid)].map(({ rows, columns }) => rows * columns)

/** What changes from step to step. */
export function pointFeeds(
  config: FluxConfig,
  { latents, sigma, guidance }: Pick<FieldPoint, 'latents' | 'sigma' | 'guidance'>,
): Record<string, TensorData> {
  return {
    latents: floats([1, latents.length / config.inChannels, config.inChannels], latents),
    timestep: floats([1, SINUSOID_WIDTH], sinusoid([sigma])),
    ...(config.guidanceEmbeds ? { guidance: floats([1, SINUSOID_WIDTH], sinusoid([guidance])) } : {}),
  }
}

/** What stays the same from step to step. */
export function feedsOf(
  model: Model,
  { grid, text, references, hasRows }: FieldConditions,
): Record<string, TensorData> {
  const { config } = model.transformer
  const grids = references.map((reference) => reference.grid)
  const ids = sequenceIds(text.states.shape[1], positionIds(grid, grids))
  const { cos, sin } = halves(ropeTable(ids, config.axesDims))
  const feeds: Record<string, TensorData> = {
    text: text.states,
    pooled: text.pooled,
    cos,
    sin,
  }
  if (hasRows && model.embeddings) {
    const slots = references.map(({ slot }) => slot)
    const segments = segmentRows(model.embeddings, slots, config.hiddenSize)
    feeds.segments = floats([1 + slots.length, config.hiddenSize], segments)
  }
  if (references.length > 0) {
    const tokens = references.reduce((n, reference) => n + reference.tokens.length, 0) / config.inChannels
    const packed = new Float32Array(tokens * config.inChannels)
    references.reduce((at, reference) => {
      packed.set(reference.tokens, at)
      return at + reference.tokens.length
    }, 0)
    feeds.references = floats([1, tokens, config.inChannels], packed)
  }
  return feeds
}

/** The transformer's inputs as symbols, in these condition shapes. `lengths` are the tokens of the image and of each reference. */
export function symbolsOf(
  config: FluxConfig,
  feeds: Record<string, TensorData>,
  lengths: readonly number[],
): TransformerInputs {
  const [imageTokens] = lengths
  const of = (name: string): Tensor => input(name, feeds[name].shape)
  const batch = feeds.text.shape[0]
  const vector = (name: string): Tensor => input(name, [batch, SINUSOID_WIDTH])
  const image = input('latents', [batch, imageTokens, config.inChannels])
  const segmentOf = lengths.flatMap((length, segment) => Array.from({ length }, () => segment))
  return {
    latents: feeds.references ? concat([image, of('references')], { axis: 1 }) : image,
    text: of('text'),
    pooled: of('pooled'),
    timestep: vector('timestep'),
    guidance: config.guidanceEmbeds ? vector('guidance') : undefined,
    rows: feeds.segments && gather(of('segments'), constantInt64(segmentOf)), // [N, hidden]
    rotary: { cos: of('cos'), sin: of('sin') },
  }
}

async function openSession(
  model: Model,
  feeds: Record<string, TensorData>,
  { lengths, hasResponses }: { lengths: readonly number[]; hasResponses: boolean },
): Promise<Session> {
  const { config } = model.transformer
  const [imageTokens] = lengths
  const inputs = symbolsOf(config, feeds, lengths)
  const batch = feeds.text.shape[0]
  const name = `transformer, ${batch > 1 ? `${batch} times ` : ''}${lengths.join('+')} tokens`
  const { parameters, placement: weights } = await runningWeights(model)
  const placement = { weights }
  if (!hasResponses) {
    const velocity = transformer(parameters, config, inputs, { keepTokens: imageTokens })
    return model.sessions.of(name, { velocity }, placement)
  }
  const [picture, ...references] = consecutive(lengths)
  const spans = sequenceSpans(feeds.text.shape[1], { image: picture, references })
  const maps: Tensor[] = []
  const read = (heads: LayerHeads): Tensor => {
    maps.push(layerMaps(heads, spans, 'raw')) // [1, B, references, tokens]
    return maps.at(-1)!
  }
  const velocity = transformer(parameters, config, inputs, { keepTokens: imageTokens, read })
  return model.sessions.of(`${name}, with responses`, { velocity, responses: concat(maps, { axis: 0 }) }, placement)
}

/** Stretches of these lengths, one behind the other. */
function consecutive(lengths: readonly number[]): Span[] {
  let start = 0
  return lengths.map((count) => {
    start += count
    return { start: start - count, count }
  })
}

/** The rotary kernel takes one value a pair; the table repeats it. */
function halves({ cos, sin, tokens, headDim }: ReturnType<typeof ropeTable>): { cos: TensorData; sin: TensorData } {
  const every2nd = (table: Float32Array): TensorData =>
    floats(
      [tokens, headDim / 2],
      Float32Array.from({ length: table.length / 2 }, (_, i) => table[2 * i]),
    )
  return { cos: every2nd(cos), sin: every2nd(sin) }
}

const floats = (shape: readonly number[], data: Float32Array): TensorData => ({ dtype: 'float32', shape, data })
