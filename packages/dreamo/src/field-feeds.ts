// The transformer's inputs under one set of conditions: as symbols that a graph is built of, and as values that it is fed.
import { concat, constantInt64, gather, input, type Tensor } from '@dreamgraph/onnx'
import type { TensorData } from '@dreamgraph/runtime'
import { type Conditioning, conditionSymbols } from './conditioning.js'
import type { FluxConfig } from './configs.js'
import { segmentRows } from './embeddings.js'
import type { EncodedReference } from './encode-reference.js'
import type { EncodedText } from './encode-text.js'
import { joined } from './joined.js'
import { positionIds, sequenceIds, type TokenGrid } from './latents.js'
import type { Model } from './model.js'
import { ropeTable } from './rope.js'
import type { TransformerInputs } from './transformer/transformer.js'

export interface FieldConditions {
  readonly grid: TokenGrid
  readonly text: EncodedText
  /** In slot order; none in the negative branch of true CFG. */
  readonly references: readonly EncodedReference[]
  /** DreamO's rows on the tokens. Plain FLUX and the negative branch of true CFG know none. */
  readonly hasRows: boolean
  /** Whether modulations are computed ahead. Default: isAhead of the model's config. */
  readonly ahead?: boolean
}

export interface FieldPoint {
  /** Packed latents of the picture, [tokens, inChannels] f32. */
  readonly latents: Float32Array
  readonly sigma: number
  /** Distilled guidance; ignored by models without a guidance embedding. */
  readonly guidance: number
  /** Also tell where references respond; nothing without references. */
  readonly withResponses?: boolean
  /** Points that will be asked for later. */
  readonly ahead?: readonly Pick<FieldPoint, 'sigma' | 'guidance'>[]
  readonly signal?: AbortSignal
}

/** Tokens of the whole sequence. */
export const sequenceTokens = (conditions: FieldConditions): number =>
  lengthsOf(conditions).reduce((sum, length) => sum + length, conditions.text.states.shape[1])

/** Tokens of the image and of each reference. */
export const lengthsOf = ({ grid, references }: FieldConditions): number[] =>
  [grid, ...references.map((reference) => reference.grid)].map(({ rows, columns }) => rows * columns)

const latentFeed = ({ inChannels }: FluxConfig, latents: Float32Array): TensorData =>
  floats([1, latents.length / inChannels, inChannels], latents)

/** What changes from step to step, for one sequence. */
export async function pointFeeds(
  config: FluxConfig,
  conditioning: Conditioning,
  { latents, sigma, guidance, ahead = [], signal }: FieldPoint,
): Promise<Record<string, TensorData>> {
  const conditions = await conditioning({ sigma, guidance }, { ahead, signal })
  return { latents: latentFeed(config, latents), ...conditions }
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
    cos,
    sin,
  }
  if (hasRows && model.embeddings) {
    const slots = references.map(({ slot }) => slot)
    const segments = segmentRows(model.embeddings, slots, config.hiddenSize)
    feeds.segments = floats([1 + slots.length, config.hiddenSize], segments)
  }
  if (references.length > 0) {
    const packed = joined(references.map(({ tokens }) => tokens))
    const tokens = packed.length / config.inChannels
    feeds.references = floats([1, tokens, config.inChannels], packed)
  }
  return feeds
}

/** The transformer's inputs as symbols, in these condition shapes. `lengths` are the tokens of the image and of each reference; `ahead`: see isAhead. */
export function symbolsOf(
  config: FluxConfig,
  feeds: Record<string, TensorData>,
  { lengths, ahead }: { lengths: readonly number[]; ahead: boolean },
): TransformerInputs {
  const [imageTokens] = lengths
  const of = (name: string): Tensor => input(name, feeds[name].shape)
  const batch = feeds.text.shape[0]
  const image = input('latents', [batch, imageTokens, config.inChannels])
  const segmentOf = lengths.flatMap((length, segment) => Array.from({ length }, () => segment))
  return {
    latents: feeds.references ? concat([image, of('references')], { axis: 1 }) : image,
    text: of('text'),
    ...conditionSymbols(config, batch, ahead),
    rows: feeds.segments && gather(of('segments'), constantInt64(segmentOf)), // [N, hidden]
    rotary: { cos: of('cos'), sin: of('sin') },
  }
}

/** The rotary kernel takes one value a pair; the table repeats it. */
function halves({ cos, sin, tokens, headDim }: ReturnType<typeof ropeTable>): { cos: TensorData; sin: TensorData } {
  const every2nd = (table: Float32Array): TensorData => {
    const half = new Float32Array(table.length / 2)
    for (let i = 0; i < half.length; i++) half[i] = table[2 * i]
    return floats([tokens, headDim / 2], half)
  }
  return { cos: every2nd(cos), sin: every2nd(sin) }
}

const floats = (shape: readonly number[], data: Float32Array): TensorData => ({ dtype: 'float32', shape, data })
