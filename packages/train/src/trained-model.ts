// What is trained: an adapter on a frozen base, or the base itself.
import {
  type ClipConfig,
  declaredParameters,
  expectedWeights,
  type FluxConfig,
  gaussianNoise,
  MAX_REFERENCES,
  type Model,
  type ParameterShape,
  type Parameters,
  PLACEHOLDER_TOKENS,
  parametersOf,
  SINUSOID_WIDTH,
  type T5Config,
  t5TokenTable,
  transformer,
  within,
} from '@dreamgraph/dreamo'
import { constant, input, sizeOf, type Tensor } from '@dreamgraph/onnx'
import type { WeightSet } from '@dreamgraph/weights'
import { neighbourBias } from './neighbour-bias.js'
import { stepSeed } from './random.js'
import { clipInGraph, type TextEncoder, t5InGraph, t5WithPlaceholders } from './text-encoder.js'
import { loraUp, type TrainableLora, type Trainables, type TrainedLoraMode, withTrainableLora } from './trainable.js'

export const taskEmbedding = 'task_embedding'
export const indexEmbedding = 'idx_embedding'

/** DreamO's ten placeholder words, [10, T5 width]. */
export const placeholderEmbedding = 't5_embedding'

/** What stands before the keys of text encoders that learn beside a transformer: their folders in a FLUX model. */
export const t5Prefix = 'text_encoder_2'
export const clipPrefix = 'text_encoder'

export interface TrainedModel {
  readonly config: FluxConfig
  readonly parameters: Parameters
  readonly trainables: Trainables
  /** Values before the first step, by name. */
  readonly initial: ReadonlyMap<string, Float32Array>
  /** DreamO's tables [2, hidden] and [10, hidden]; absent where references are unknown. */
  readonly embeddings?: { readonly task: Tensor; readonly index: Tensor }
  /** Text encoders inside the graph; without them batches carry states. */
  readonly t5?: TextEncoder
  readonly clip?: TextEncoder
}

export interface AdapterOptions {
  readonly rank: number
  /** LoRA acts with the factor alpha / rank. */
  readonly alpha: number
  readonly seed: bigint
  /** T5 of the base: its placeholder words learn, through the frozen encoder. Without it they do not exist. */
  readonly t5?: Model['t5']
  /** How the LoRA enters while it learns; see TrainedLoraMode. Default branches. */
  readonly loraMode?: TrainedLoraMode
  /** Without it index rows stay zero, so that references are told apart by position alone: an ablation. Default true. */
  readonly learnIndex?: boolean
}

/** Linears of attention and feed-forward, in both kinds of blocks. Source: DreamO, section 4.1 and its released files. */
const adapted =
  /^(transformer_blocks\.\d+\.(attn\.(to_[qkv]|add_[qkv]_proj|to_out\.0|to_add_out)|ff(_context)?\.net\.(0\.proj|2))|single_transformer_blocks\.\d+\.(attn\.to_[qkv]|proj_mlp|proj_out))\.weight$/

/**
 * LoRA on every attention and feed-forward linear of a frozen base, and DreamO's embeddings: task, index and, with a T5,
 * placeholder words. Down starts as peft's does in variance, 1/(3·in); up and the first two tables start at zero, so that
 * step 0 is the base itself; placeholders start as normals of variance 1, T5's for new words.
 */
export function adapterModel(
  { config, weights }: { config: FluxConfig; weights: WeightSet },
  { rank, alpha, seed, t5, loraMode, learnIndex = true }: AdapterOptions,
): TrainedModel {
  const loras = [...weights].flatMap(([key, { shape }]): TrainableLora[] =>
    adapted.test(key) ? [{ module: key.slice(0, -'.weight'.length), rank, shape, scale: alpha / rank }] : [],
  )
  const { parameters, trainables } = withTrainableLora(parametersOf(weights), loras, loraMode)
  const task = input(taskEmbedding, [2, config.hiddenSize])
  const indexShape = [MAX_REFERENCES + 1, config.hiddenSize]
  const index = learnIndex ? input(indexEmbedding, indexShape) : constant(0, indexShape)
  const words = t5 && input(placeholderEmbedding, [PLACEHOLDER_TOKENS.length, t5.config.hiddenSize])
  const all = new Map([...trainables, [taskEmbedding, task]])
  if (learnIndex) all.set(indexEmbedding, index)
  if (words) all.set(placeholderEmbedding, words)
  const ups = new Set([...loras.map(({ module }) => loraUp(module)), taskEmbedding, indexEmbedding])
  const initial = new Map(
    [...all].map(([name, { shape }], i) => {
      const std = ups.has(name) ? 0 : name === placeholderEmbedding ? 1 : Math.sqrt(1 / (3 * shape[1]))
      return [name, normals(shape, std, stepSeed(seed, i))]
    }),
  )
  const model = { config, parameters, trainables: all, initial, embeddings: { task, index } }
  return t5 && words ? { ...model, t5: t5WithPlaceholders(t5, words) } : model
}

export interface BaseOptions {
  readonly seed: bigint
  /** Encoders that learn beside the transformer. */
  readonly text?: { readonly t5: T5Config; readonly clip: ClipConfig }
  /** Values to go on from instead of fresh ones, all of them, fixed ones too. */
  readonly start?: ReadonlyMap<string, Float32Array>
  /** Weights that stay as they start. Default: none. */
  readonly isFixed?: (name: string) => boolean
}

export interface BaseModel extends TrainedModel {
  /** Weights that do not learn, by name. */
  readonly fixed: ReadonlyMap<string, Float32Array>
  /** Of all weights. */
  readonly shapes: ReadonlyMap<string, ParameterShape>
}

/**
 * Every weight of a transformer, to be trained from the start: text to picture, without references. With `text`, a T5 and
 * a CLIP learn beside it; their weights go by the keys of their checkpoints behind `t5Prefix` and `clipPrefix`.
 */
export function baseModel(config: FluxConfig, { seed, text, start, isFixed = () => false }: BaseOptions): BaseModel {
  const shapes = [
    ...transformerShapes(config),
    ...(text
      ? [
          ...prefixed(t5Prefix, expectedWeights('t5', text.t5)),
          ...prefixed(clipPrefix, expectedWeights('clip', text.clip)),
        ]
      : []),
  ]
  const startOf = (shape: ParameterShape, i: number): Float32Array =>
    start?.get(shape.name) ?? initialWeight(shape, stepSeed(seed, i), text?.t5)
  const values = shapes.map((shape, i) => [shape.name, startOf(shape, i)] as const)
  const initial = new Map(values.filter(([name]) => !isFixed(name)))
  const fixed = new Map(values.filter(([name]) => isFixed(name)))
  // A model asks for a weight by key more than once in a graph; each is one input.
  const weights = new Map(
    shapes.map(({ name, shape }) => [name, fixed.has(name) ? constant(fixed.get(name)!, shape) : input(name, shape)]),
  )
  const trainables = new Map([...weights].filter(([name]) => !fixed.has(name)))
  const parameters: Parameters = { weight: (key) => weights.get(key)!, branches: () => [] }
  const byName = new Map(shapes.map((shape) => [shape.name, shape]))
  const model = { config, parameters, trainables, initial, fixed, shapes: byName }
  if (!text) return model
  return {
    ...model,
    t5: t5InGraph(within(parameters, t5Prefix), text.t5),
    clip: clipInGraph(within(parameters, clipPrefix), text.clip),
  }
}

const prefixed = (prefix: string, shapes: readonly ParameterShape[]): ParameterShape[] =>
  shapes.map(({ name, shape }) => ({ name: `${prefix}.${name}`, shape }))

/**
 * Modulations and the last projection start at zero, so that each block starts as the identity (adaLN-Zero, arXiv
 * 2212.09748); other matrices with Xavier's variance 2/(in + out), gains of norms at one, biases at zero. T5 does not
 * scale scores, so its queries start smaller by √d_kv, and its words with variance 1 (transformers' T5); its heads start out
 * looking at neighbours. CLIP's words and positions start at a tenth of its words'.
 */
function initialWeight({ name, shape }: ParameterShape, seed: bigint, t5?: T5Config): Float32Array {
  const isGain = shape.length === 1 && name.endsWith('.weight')
  if (isGain) return new Float32Array(sizeOf(shape)).fill(1)
  const isZero = shape.length === 1 || /(^|\.)norm\w*\.linear\.weight$/.test(name) || name === 'proj_out.weight'
  if (isZero) return new Float32Array(sizeOf(shape))
  if (name === `${t5Prefix}.${t5TokenTable}`) return normals(shape, 1, seed)
  if (name.endsWith('relative_attention_bias.weight')) return neighbourBias(t5!)
  if (/(token|position)_embedding\.weight$/.test(name)) return normals(shape, 0.1, seed)
  const xavier = Math.sqrt(2 / (shape[0] + shape[1]))
  return normals(shape, name.endsWith('SelfAttention.q.weight') ? xavier / Math.sqrt(t5!.headDim) : xavier, seed)
}

function transformerShapes(config: FluxConfig): ParameterShape[] {
  const of = (name: string, shape: number[]): Tensor => input(name, shape)
  return declaredParameters((parameters) =>
    transformer(parameters, config, {
      latents: of('latents', [1, 1, config.inChannels]),
      text: of('text', [1, 1, config.jointDim]),
      pooled: of('pooled', [1, config.pooledDim]),
      timestep: of('timestep', [1, SINUSOID_WIDTH]),
      ...(config.guidanceEmbeds && { guidance: of('guidance', [1, SINUSOID_WIDTH]) }),
      rotary: { cos: of('cos', [2, config.headDim / 2]), sin: of('sin', [2, config.headDim / 2]) },
    }),
  )
}

function normals(shape: readonly number[], std: number, seed: bigint): Float32Array {
  const size = sizeOf(shape)
  if (std === 0) return new Float32Array(size)
  return gaussianNoise(size, { seed, stream: 'latent', index: 0 }).map((value) => value * std)
}
