// The forward pass and the losses for one bucket, and what has to be fed to them.
import {
  flowLoss,
  flowLossWithin,
  gaussianNoise,
  headsProbe,
  layoutTokens,
  noised,
  positionIds,
  ropeTable,
  SINUSOID_WIDTH,
  sequenceIds,
  sequenceSpans,
  sinusoid,
  type TokenLayout,
  transformer,
} from '@dreamgraph/dreamo'
import { add, concat, constantInt64, gather, input, mul, type Tensor } from '@dreamgraph/onnx'
import type { TensorData } from '@dreamgraph/runtime'
import { type Batch, type Bucket, checkBatch } from './batch.js'
import { type FlowTimes, flowTimes } from './flow-times.js'
import { type LossVariants, namedTokens, referenceLosses } from './reference-losses.js'
import type { TextEncoder, TokenIds } from './text-encoder.js'
import type { TrainedModel } from './trained-model.js'

/**
 * λ of L = λ_diff·L_diff + λ_route·L_route + λ_holder·L_holder. Source: DreamO, equation of the total loss. The others
 * are our own: a weight of none unless told, and naming and reading only where a config names layers for them.
 */
export interface LossWeights {
  readonly diff: number
  readonly route: number
  readonly holder: number
  readonly within?: number
  readonly naming?: number
  readonly reading?: number
}

export type LossName = keyof LossWeights

export interface BucketOptions extends LossVariants {
  /** The backward pass computes each block again: half the memory or less, a little more time. */
  readonly recompute: boolean
}

export interface BucketGraph {
  readonly losses: Readonly<Partial<Record<LossName, Tensor>>>
  readonly total: Tensor
  /** The losses that this batch has what it takes for, and all inputs but the model's own. Throws train/batch-invalid. */
  feeds(batch: Batch, draw: NoiseDraw): Promise<{ active: LossName[]; feeds: Record<string, TensorData> }>
}

export interface NoiseDraw {
  readonly seed: bigint
  readonly times: FlowTimes
  /** Distilled guidance to train at; for models that have a guidance embedding. */
  readonly guidance: number
  readonly weights: LossWeights
}

const weightOf = (loss: LossName): string => `weight/${loss}`

/** Builds the losses of a bucket: scalars. Losses on references exist only in buckets that have some. */
export function bucketGraph(model: TrainedModel, bucket: Bucket, options: BucketOptions): BucketGraph {
  const { config } = model
  const { batch: samples, textTokens } = bucket
  const layout = keptLayout(bucket)
  const spans = sequenceSpans(textTokens, layout)
  const [imageTokens, referenceTokens] = [layout.image.count, layout.tokens - layout.image.count]
  const references = layout.references.length
  const form = (shape: number[], name: string): Tensor => input(name, shape)
  const latents = form([samples, imageTokens, config.inChannels], 'latents')
  const noise = form([samples, imageTokens, config.inChannels], 'noise')
  const xt = noised(latents, noise, form([samples], 'time'))
  const half = [spans.text.count + layout.tokens, config.headDim / 2]
  const heads = headsProbe()
  const velocity = transformer(
    model.parameters,
    config,
    {
      latents: references
        ? concat([xt, form([samples, referenceTokens, config.inChannels], 'references')], { axis: 1 })
        : xt,
      text: model.t5?.encode(samples, textTokens) ?? form([samples, textTokens, config.jointDim], 'text'),
      pooled: model.clip?.encode(samples, bucket.pooledTokens ?? 0) ?? form([samples, config.pooledDim], 'pooled'),
      timestep: form([samples, SINUSOID_WIDTH], 'timestep'),
      ...(config.guidanceEmbeds && { guidance: form([samples, SINUSOID_WIDTH], 'guidance') }),
      ...(model.embeddings && { rows: tokenRows(model.embeddings, layout) }),
      rotary: { cos: form(half, 'cos'), sin: form(half, 'sin') },
    },
    { keepTokens: imageTokens, probe: heads.probe, recompute: options.recompute },
  )
  const order = [samples, namedTokens(bucket, options), textTokens]
  const losses: Partial<Record<LossName, Tensor>> = { diff: flowLoss(velocity, latents, noise) }
  if (references > 0) {
    const inputs = { masks: form([samples, references, imageTokens], 'masks'), order: form(order, 'order') }
    losses.within = flowLossWithin(velocity, latents, noise, inputs.masks)
    Object.assign(losses, referenceLosses(heads.layers(), spans, { ...inputs, ...options }))
  }
  const names = Object.keys(losses) as LossName[]
  const total = names.map((name) => mul(losses[name]!, input(weightOf(name), []))).reduce((a, b) => add(a, b))
  const tables = rotaryTables(model, bucket)

  return {
    losses,
    total,
    async feeds(batch, { seed, times, guidance, weights }) {
      checkBatch(batch, bucket, { layout, model })
      const [hasMasks, hasWords] = [batch.masks !== undefined, batch.placeholders !== undefined]
      // What an empty caption leaves open cannot be read right.
      const reading = hasMasks && hasWords
      const has = { diff: true, within: hasMasks, route: hasMasks, holder: hasWords, naming: hasWords, reading }
      const active = names.filter((name) => has[name])
      const time = flowTimes(samples, seed, times)
      const feeds: Record<string, TensorData> = {
        ...tables(batch.keptTokens),
        latents: floats([...latents.shape], batch.latents),
        noise: floats([...noise.shape], batchNoise(samples, imageTokens * config.inChannels, seed)),
        time: floats([samples], time),
        timestep: floats([samples, SINUSOID_WIDTH], sinusoid(time)),
        ...(await textFeeds('text', batch.text, [samples, textTokens, config.jointDim], model.t5)),
        ...(await textFeeds('pooled', batch.pooled, [samples, config.pooledDim], model.clip)),
      }
      if (config.guidanceEmbeds) {
        const all = new Float32Array(samples).fill(guidance)
        feeds.guidance = floats([samples, SINUSOID_WIDTH], sinusoid(all))
      }
      if (references > 0) {
        const none = new Float32Array(samples * references * imageTokens)
        feeds.references = floats([samples, referenceTokens, config.inChannels], batch.references)
        feeds.masks = floats([samples, references, imageTokens], batch.masks ?? none)
        feeds.order = floats(order, orderMatrix(batch, order))
      }
      for (const name of names)
        feeds[weightOf(name)] = floats([], Float32Array.of(has[name] ? (weights[name] ?? 0) : 0))
      return { active, feeds }
    },
  }
}

/** States as they are, ids by way of their encoder; checkBatch has seen that they are of the right kind. */
async function textFeeds(
  name: string,
  given: Float32Array | TokenIds,
  shape: readonly number[],
  encoder: TextEncoder | undefined,
): Promise<Record<string, TensorData>> {
  if (encoder) return encoder.feeds(given as TokenIds)
  return { [name]: floats(shape, given as Float32Array) }
}

/** Rows behind the input projection: task row 1 on the image, task row 0 + index row of its slot on a reference. */
function tokenRows({ task, index }: { task: Tensor; index: Tensor }, { image, references }: TokenLayout): Tensor {
  const rows = (table: Tensor, row: number, count: number): Tensor =>
    gather(table, constantInt64(new Array<number>(count).fill(row)))
  const parts = references.map(({ slot, count }) => add(rows(task, 0, count), rows(index, slot, count)))
  return concat([rows(task, 1, image.count), ...parts], { axis: 0 })
}

/** One-hot rows [B, n, T]: the placeholders of each sample, then its other tokens. */
function orderMatrix({ placeholders }: Batch, [samples, count, tokens]: readonly number[]): Float32Array {
  const matrix = new Float32Array(samples * count * tokens)
  for (let sample = 0; sample < samples; sample++) {
    const named = placeholders?.[sample] ?? []
    const others = Array.from({ length: tokens }, (_, token) => token).filter((token) => !named.includes(token))
    for (const [row, token] of [...named, ...others].slice(0, count).entries()) {
      matrix[(sample * count + row) * tokens + token] = 1
    }
  }
  return matrix
}

function batchNoise(samples: number, length: number, seed: bigint): Float32Array {
  const noise = new Float32Array(samples * length)
  for (let index = 0; index < samples; index++) {
    noise.set(gaussianNoise(length, { seed, stream: 'latent', index }), index * length)
  }
  return noise
}

/** Where the tokens lie that enter, with the grids of whole references. */
function keptLayout({ image, references }: Bucket): TokenLayout {
  const whole = layoutTokens(image, references)
  let tokens = whole.image.count
  const spans = whole.references.map((span, i) => {
    const count = references[i].keptTokens ?? span.count
    tokens += count
    return { ...span, start: tokens - count, count }
  })
  return { image: whole.image, references: spans, tokens }
}

/** Tables [T + N, d/2] for the tokens that a batch keeps: each at the position that it has in its whole reference. */
function rotaryTables(
  { config }: TrainedModel,
  { image, references, textTokens }: Bucket,
): (kept: Batch['keptTokens']) => { cos: TensorData; sin: TensorData } {
  const whole = layoutTokens(image, references)
  const ids = sequenceIds(textTokens, positionIds(whole.image, whole.references))
  const { cos, sin, headDim } = ropeTable(ids, config.axesDims)
  const half = headDim / 2
  const first = Array.from({ length: textTokens + whole.image.count }, (_, token) => token)
  return (kept = []) => {
    const chosen = whole.references.flatMap(({ start, count }, i) => {
      const tokens = kept[i]?.length ? kept[i] : Array.from({ length: count }, (_, token) => token)
      return tokens.map((token) => textTokens + start + token)
    })
    const tokens = [...first, ...chosen]
    const pick = (table: Float32Array): TensorData => {
      const values = new Float32Array(tokens.length * half)
      for (const [row, token] of tokens.entries()) {
        // Neighbours hold the same value, because they form one pair.
        for (let pair = 0; pair < half; pair++) values[row * half + pair] = table[token * headDim + 2 * pair]
      }
      return floats([tokens.length, half], values)
    }
    return { cos: pick(cos), sin: pick(sin) }
  }
}

const floats = (shape: readonly number[], data: Float32Array): TensorData => ({ dtype: 'float32', shape, data })
