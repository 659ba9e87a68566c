// What it takes to train an adapter on a whole model: the model that learns, its batches, and what comes out of it.
import { type Model, PLACEHOLDER_TOKENS, type TokenTable } from '@dreamgraph/dreamo'
import { type LearntAdapter, learntAdapter } from './adapter-file.js'
import type { BatchSource } from './batch.js'
import { TrainError } from './errors.js'
import { sampleEncoder } from './sample-encoder.js'
import type { StageConfig, TrainConfig } from './train-config.js'
import { adapterModel, placeholderEmbedding, type TrainedModel } from './trained-model.js'
import { dataSource, type TrainingData } from './training-data.js'

export interface AdapterJobOptions {
  /** The frozen base with its encoders, without LoRA. */
  readonly base: Model
  readonly config: TrainConfig
  readonly data: TrainingData
  /** Length of captions in tokens: as many as pictures will be made with. */
  readonly textTokens: number
  /**
   * learn: DreamO's ten placeholder words learn, through the frozen T5, which is then part of every step. keep: they stay
   * what they are, and T5 runs once for each caption: for a T5 that is too large to be part of a step.
   */
  readonly placeholders: 'learn' | 'keep'
  /** Placeholder words that are kept, [10, T5 width]. Default: drawn from the seed. */
  readonly placeholderRows?: Float32Array
}

export interface AdapterJob {
  readonly model: TrainedModel
  readonly source: (stage: StageConfig) => BatchSource
  /** What values of the model's parameters are as a file, placeholder words included. */
  readonly learnt: (values: ReadonlyMap<string, Float32Array>) => LearntAdapter
}

/** Throws train/model-unsuitable for a base with LoRA on it. */
export function adapterJob({ base, config, data, textTokens, placeholders, ...rest }: AdapterJobOptions): AdapterJob {
  if (base.loras.length > 0) {
    const got = base.loras.map(({ path }) => path).join(', ')
    throw new TrainError('train/model-unsuitable', `model: expected a base without LoRA to train on, got ${got}`)
  }
  const { rank, seed, loraMode, alpha = rank } = config
  const learning = adapterModel(base.transformer, { rank, alpha, seed, loraMode, t5: base.t5 })
  const learns = placeholders === 'learn'
  const model = learns ? learning : adapterModel(base.transformer, { rank, alpha, seed, loraMode })
  const rows = rest.placeholderRows ?? learning.initial.get(placeholderEmbedding)!
  const t5 = learns ? { ...base.t5, tokenizer: base.t5.tokenizer.withPlaceholders() } : withRows(base.t5, rows)
  const encoder = sampleEncoder({ ...base, t5 }, { textTokens, textAsIds: learns })
  return {
    model,
    source: (stage) => dataSource(data, { stage, encoder }),
    learnt(values) {
      const { hiddenSize } = base.transformer.config
      const all = learns ? values : new Map([...values, [placeholderEmbedding, rows]])
      return learntAdapter(all, { rank, scale: alpha / rank, hiddenSize })
    },
  }
}

/** T5 whose placeholder tokens have these rows. */
function withRows(t5: Model['t5'], rows: Float32Array): Model['t5'] {
  const tokenizer = t5.tokenizer.withPlaceholders()
  const rowOf = new Map(PLACEHOLDER_TOKENS.map((token, row) => [tokenizer.placeholderIds.get(token)!, row]))
  const { width } = t5.tokens
  const tokens: TokenTable = {
    width,
    tokens: tokenizer.size,
    async lookup(ids) {
      const table = await t5.tokens.lookup(ids.map((id) => (rowOf.has(id) ? t5.config.padTokenId : id)))
      for (const [i, id] of ids.entries()) {
        const row = rowOf.get(id)
        if (row !== undefined) table.set(rows.subarray(row * width, (row + 1) * width), i * width)
      }
      return table
    },
  }
  return { ...t5, tokenizer, tokens }
}
