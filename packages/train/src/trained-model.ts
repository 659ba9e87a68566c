// What is trained: an adapter on a frozen base, or the base itself.
import {
  declaredParameters,
  type FluxConfig,
  gaussianNoise,
  MAX_REFERENCES,
  type ParameterShape,
  type Parameters,
  parametersOf,
  SINUSOID_WIDTH,
  transformer,
} from '@dreamgraph/dreamo'
import { input, sizeOf, type Tensor } from '@dreamgraph/onnx'
import type { WeightSet } from '@dreamgraph/weights'
import { stepSeed } from './random.js'
import { loraUp, type TrainableLora, type Trainables, withTrainableLora } from './trainable.js'

export const taskEmbedding = 'task_embedding'
export const indexEmbedding = 'idx_embedding'

export interface TrainedModel {
  readonly config: FluxConfig
  readonly parameters: Parameters
  readonly trainables: Trainables
  /** Values before the first step, by name. */
  readonly initial: ReadonlyMap<string, Float32Array>
  /** DreamO's tables [2, hidden] and [10, hidden]; absent where references are unknown. */
  readonly embeddings?: { readonly task: Tensor; readonly index: Tensor }
}

export interface AdapterOptions {
  readonly rank: number
  /** LoRA acts with the factor alpha / rank. */
  readonly alpha: number
  readonly seed: bigint
}

/** Linears of attention and feed-forward, in both kinds of blocks. Source: DreamO, section 4.1 and its released files. */
const adapted =
  /^(transformer_blocks\.\d+\.(attn\.(to_[qkv]|add_[qkv]_proj|to_out\.0|to_add_out)|ff(_context)?\.net\.(0\.proj|2))|single_transformer_blocks\.\d+\.(attn\.to_[qkv]|proj_mlp|proj_out))\.weight$/

/**
 * LoRA on every attention and feed-forward linear of a frozen base, and DreamO's task and index embeddings.
 * Down starts as peft's does in variance, 1/(3·in); up and both tables start at zero, so that step 0 is the base itself.
 */
export function adapterModel(
  { config, weights }: { config: FluxConfig; weights: WeightSet },
  { rank, alpha, seed }: AdapterOptions,
): TrainedModel {
  const loras = [...weights].flatMap(([key, { shape }]): TrainableLora[] =>
    adapted.test(key) ? [{ module: key.slice(0, -'.weight'.length), rank, shape, scale: alpha / rank }] : [],
  )
  const { parameters, trainables } = withTrainableLora(parametersOf(weights), loras)
  const task = input(taskEmbedding, [2, config.hiddenSize])
  const index = input(indexEmbedding, [MAX_REFERENCES + 1, config.hiddenSize])
  const all = new Map([...trainables, [taskEmbedding, task], [indexEmbedding, index]])
  const ups = new Set([...loras.map(({ module }) => loraUp(module)), taskEmbedding, indexEmbedding])
  const initial = new Map(
    [...all].map(([name, { shape }], i) => {
      const std = ups.has(name) ? 0 : Math.sqrt(1 / (3 * shape[1]))
      return [name, normals(shape, std, stepSeed(seed, i))]
    }),
  )
  return { config, parameters, trainables: all, initial, embeddings: { task, index } }
}

/** Every weight of a transformer, to be trained from the start: text to picture, without references. */
export function baseModel(config: FluxConfig, { seed }: { seed: bigint }): TrainedModel {
  const shapes = transformerShapes(config)
  const trainables = new Map(shapes.map(({ name, shape }) => [name, input(name, shape)]))
  const initial = new Map(shapes.map((shape, i) => [shape.name, initialWeight(shape, stepSeed(seed, i))]))
  // A model asks for a weight by key more than once in a graph; each is one input.
  const parameters: Parameters = { weight: (key) => trainables.get(key)!, branches: () => [] }
  return { config, parameters, trainables, initial }
}

/**
 * Modulations and the last projection start at zero, so that each block starts as the identity (adaLN-Zero, arXiv
 * 2212.09748); other matrices with Xavier's variance 2/(in + out), gains of norms at one, biases at zero.
 */
function initialWeight({ name, shape }: ParameterShape, seed: bigint): Float32Array {
  const isGain = shape.length === 1 && name.endsWith('.weight')
  if (isGain) return new Float32Array(sizeOf(shape)).fill(1)
  const isZero = shape.length === 1 || /(^|\.)norm\w*\.linear\.weight$/.test(name) || name === 'proj_out.weight'
  return normals(shape, isZero ? 0 : Math.sqrt(2 / (shape[0] + shape[1])), seed)
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
