// Where references respond: the maps that DreamO's routing loss shapes, held against the true masks.
import {
  encodePicture,
  gaussianNoise,
  headsProbe,
  type Model,
  packLatents,
  parametersOf,
  positionIds,
  responseMaps,
  ropeTable,
  SINUSOID_WIDTH,
  segmentRows,
  sequenceIds,
  sequenceSpans,
  sinusoid,
  transformer,
} from '@dreamgraph/dreamo'
import { concat, constantInt64, gather, input, type Tensor } from '@dreamgraph/onnx'
import type { TensorData } from '@dreamgraph/runtime'
import { maskOfTokens } from '@dreamgraph/train'
import { type Conditions, targetLatents } from './paint.js'
import type { Prompt } from './prompts.js'

export interface RoutingOptions {
  /** Noise level at which the maps are taken, 0 (the drawn picture) to 1 (noise). */
  readonly sigma: number
  readonly guidance: number
  readonly seed: bigint
  readonly signal?: AbortSignal
}

/** How well a reference's map covers its subject. */
export interface RoutingScore {
  readonly id: string
  readonly task: Prompt['task']
  readonly slot: number
  /** 0..1 */
  readonly iou: number
}

/**
 * One forward pass over the drawn picture at a noise level; → for each reference that has a mask the IoU of its map with the
 * mask. A map is q·kᵀ/√d averaged over heads and over the reference's tokens (the raw map of the routing loss), stretched to
 * 0..1 layer by layer, averaged over layers, and cut halfway between its least and its greatest value: a threshold fixed
 * beforehand, not the best one of each picture. A token is of the mask from half of its 16 × 16 pixels on. Stands for the
 * response maps that DreamO shows in its figures, which it gives no number for. A random map has about the mask's own share.
 */
export async function routingScores(
  model: Model,
  { id, task, sample }: Prompt,
  conditions: Conditions,
  options: RoutingOptions,
): Promise<RoutingScore[]> {
  const masked = sample.references.filter(({ targetMask }) => targetMask)
  if (masked.length === 0) return []
  const maps = await mapsOf(model, sample.target, conditions, options)
  return masked.map(({ slot, targetMask }) => {
    const at = conditions.references.findIndex((reference) => reference.slot === slot)
    const mask = maskOfTokens(targetMask!.data, targetLatents(model).grid)
    return { id, task, slot, iou: overlap(maps[at], mask) }
  })
}

/** Share of the tokens in both among those in either; a map counts from halfway between its extremes on, a mask from ½. */
export function overlap(map: Float32Array, mask: Float32Array): number {
  const threshold = (Math.min(...map) + Math.max(...map)) / 2
  let [both, either] = [0, 0]
  for (const [i, value] of map.entries()) {
    const [responds, isMask] = [value >= threshold, mask[i] >= 0.5]
    both += Number(responds && isMask)
    either += Number(responds || isMask)
  }
  return both / either // the map's greatest value always counts
}

/** Maps [tokens] of each reference, in the order of the conditions. */
async function mapsOf(
  model: Model,
  target: Prompt['sample']['target'],
  { text, references }: Conditions,
  { sigma, guidance, seed, signal }: RoutingOptions,
): Promise<Float32Array[]> {
  const { config, weights } = model.transformer
  const { shape, grid } = targetLatents(model)
  const latent = await encodePicture(model, { ...target, channels: 3 }, { signal })
  const noise = gaussianNoise(latent.data.length, { seed, stream: 'latent', index: 0 })
  const noised = latent.data.map((x, i) => (1 - sigma) * x + sigma * noise[i])
  const imageTokens = grid.rows * grid.columns
  const grids = references.map((reference) => reference.grid)
  const ids = sequenceIds(text.states.shape[1], positionIds(grid, grids))
  const { cos, sin, tokens, headDim } = ropeTable(ids, config.axesDims)
  const slots = references.map(({ slot }) => slot)
  const counts = grids.map(({ rows, columns }) => rows * columns)
  const all = new Float32Array(counts.reduce((a, b) => a + b, 0) * config.inChannels)
  references.reduce((at, reference) => {
    all.set(reference.tokens, at)
    return at + reference.tokens.length
  }, 0)
  const feeds: Record<string, TensorData> = {
    latents: floats([1, imageTokens, config.inChannels], packLatents(noised, shape)),
    references: floats([1, all.length / config.inChannels, config.inChannels], all),
    text: text.states,
    pooled: text.pooled,
    timestep: floats([1, SINUSOID_WIDTH], sinusoid([sigma])),
    ...(config.guidanceEmbeds && { guidance: floats([1, SINUSOID_WIDTH], sinusoid([guidance])) }),
    cos: floats([tokens, headDim / 2], everySecond(cos)),
    sin: floats([tokens, headDim / 2], everySecond(sin)),
    ...(model.embeddings && {
      segments: floats([1 + slots.length, config.hiddenSize], segmentRows(model.embeddings, slots, config.hiddenSize)),
    }),
  }
  const of = (name: string): Tensor => input(name, feeds[name].shape)
  const segmentOf = [imageTokens, ...counts].flatMap((count, segment) => new Array<number>(count).fill(segment))
  const heads = headsProbe()
  transformer(
    parametersOf(weights, { adapters: model.adapters, loraMode: model.loraMode }),
    config,
    {
      latents: concat([of('latents'), of('references')], { axis: 1 }),
      text: of('text'),
      pooled: of('pooled'),
      timestep: of('timestep'),
      guidance: feeds.guidance && of('guidance'),
      rows: feeds.segments && gather(of('segments'), constantInt64(segmentOf)),
      rotary: { cos: of('cos'), sin: of('sin') },
    },
    { keepTokens: imageTokens, probe: heads.probe },
  )
  const starts = counts.map((_, i) => imageTokens + counts.slice(0, i).reduce((a, b) => a + b, 0))
  const spans = sequenceSpans(text.states.shape[1], {
    image: { ...grid, start: 0, count: imageTokens },
    references: references.map(({ slot }, i) => ({ ...grids[i], slot, start: starts[i], count: counts[i] })),
    tokens: imageTokens + all.length / config.inChannels,
  })
  const session = await model.sessions.of('routing maps', { maps: responseMaps(heads.layers(), spans, 'raw') })
  // Maps depend on less than the whole pass: the last layer's values, and what hangs on them alone, are not computed.
  const { maps } = await session.run(feeds, { signal })
  return references.map((_, i) => meanOfLayers(maps.data as Float32Array, { references: slots.length, imageTokens }, i))
}

/** Each layer's map of one reference stretched to 0..1, then their mean. maps [layers, 1, references, L] → [L]. */
function meanOfLayers(
  maps: Float32Array,
  { references, imageTokens }: { references: number; imageTokens: number },
  reference: number,
): Float32Array {
  const layers = maps.length / (references * imageTokens)
  const sum = new Float32Array(imageTokens)
  for (let layer = 0; layer < layers; layer++) {
    const from = (layer * references + reference) * imageTokens
    const map = maps.subarray(from, from + imageTokens)
    const [least, most] = [Math.min(...map), Math.max(...map)]
    for (const [i, value] of map.entries()) sum[i] += most > least ? (value - least) / (most - least) / layers : 0
  }
  return sum
}

/** Neighbours hold the same value, because they form one pair. */
const everySecond = (table: Float32Array): Float32Array =>
  Float32Array.from({ length: table.length / 2 }, (_, i) => table[2 * i])

const floats = (shape: readonly number[], data: Float32Array): TensorData => ({ dtype: 'float32', shape, data })
