// The stack that both sides compute: a FLUX transformer of two single blocks and one double block, or the mini model's own.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  declaredParameters,
  type FluxConfig,
  parametersOf,
  parseFluxConfig,
  positionIds,
  type QuantizeScheme,
  ropeTable,
  runningWeights,
  type Sessions,
  sequenceIds,
  sinusoid,
  transformer,
} from '@dreamgraph/dreamo'
import { input, type Tensor } from '@dreamgraph/onnx'
import type { TensorData } from '@dreamgraph/runtime'
import { openSafetensors, writeSafetensors } from '@dreamgraph/weights'
import { settings } from '../pipeline/settings.js'
import { uniform } from '../random-values.js'
import type { TorchFiles } from './torch.js'

/** A transformer of the bench, by its hidden size: the mini model's, half of FLUX.1-dev's, and all of it. */
export type Hidden = 192 | 1536 | 3072

interface Shape {
  readonly config: FluxConfig
  readonly textTokens: number
  /** Of the grid on which all other tokens lie. */
  readonly columns: number
}

/** FLUX.1-dev's shape but for the number of blocks (19 and 38), and of heads in the smaller one. */
const fluxLike = (heads: number): Shape => ({
  config: parseFluxConfig({
    ...{ num_layers: 1, num_single_layers: 2, guidance_embeds: true },
    ...{ num_attention_heads: heads, attention_head_dim: 128 },
  }),
  textTokens: 128,
  columns: 32,
})

const miniConfig = fileURLToPath(new URL('../../../models/mini/transformer/config.json', import.meta.url))

const shapes: Readonly<Record<Hidden, () => Shape>> = {
  192: () => ({
    config: parseFluxConfig(JSON.parse(readFileSync(miniConfig, 'utf8'))),
    textTokens: settings.textTokens,
    columns: settings.grid.columns,
  }),
  1536: () => fluxLike(12),
  3072: () => fluxLike(24),
}

const shapeOf = (hidden: Hidden): Shape => shapes[hidden]()
const configOf = (hidden: Hidden): FluxConfig => shapeOf(hidden).config

export interface StackSize {
  readonly hidden: Hidden
  /** In all, those of text among them. */
  readonly tokens: number
}

/** The mini model's transformer with what a picture of two references has. */
export const miniSize: StackSize = {
  hidden: 192,
  tokens: settings.textTokens + settings.grid.rows * settings.grid.columns + 2 * 16,
}

/** Multiplications and additions of the blocks, each counted: 12 hidden² weights a token in each, and attention. */
export function stackOperations({ hidden, tokens }: StackSize): number {
  const { numLayers, numSingleLayers } = configOf(hidden)
  return (numLayers + numSingleLayers) * (2 * tokens * 12 * hidden ** 2 + 4 * tokens ** 2 * hidden)
}

export interface StackFiles extends TorchFiles {
  readonly size: StackSize
}

/** Writes weights (float32) and inputs for both sides. Linear layers keep the variance of what they take. */
export async function writeStack(folder: string, size: StackSize): Promise<StackFiles> {
  const files = { size, weights: join(folder, 'weights.safetensors'), inputs: join(folder, 'inputs.safetensors') }
  const config = configOf(size.hidden)
  const shapes = declaredParameters((p) => void transformer(p, config, symbols(size)))
  const source = ({ name, shape }: { name: string; shape: readonly number[] }, index: number) => {
    const count = shape.reduce((product, size) => product * size, 1)
    const isNorm = /norm_(added_)?[qk]\.weight$/.test(name)
    const bound = shape.length > 1 ? Math.sqrt(3 / shape[1]) : 0.1
    const draw = (): Float32Array => uniform(count, { bound, seed: index + 1 })
    const data = async (): Promise<Float32Array> => (isNorm ? draw().map((value) => 1 + value) : draw())
    return { name, dtype: 'F32', shape, data } as const
  }
  await writeSafetensors(files.weights, shapes.map(source))
  const inputs = Object.entries(feeds(size)).map(([name, { shape, data }]) => {
    return { name, dtype: 'F32', shape, data: data as Float32Array } as const
  })
  await writeSafetensors(files.inputs, inputs)
  return files
}

/** The velocity as a graph over the stack's weights in few bits, which are made in `folder`. */
export async function quantizedStack(
  { weights, size }: StackFiles,
  { scheme, folder, sessions }: { scheme: QuantizeScheme; folder: string; sessions: Sessions },
): Promise<Tensor> {
  const { tensors } = await openSafetensors(weights)
  const transformerWeights = { weights: tensors, files: [weights] }
  const plain = { adapters: new Map(), loraMode: 'branches', loras: [], sessions } as const
  const quantization = { scheme, home: folder }
  const { parameters } = await runningWeights({ ...plain, transformer: transformerWeights, quantization })
  return transformer(parameters, configOf(size.hidden), symbols(size))
}

/** The velocity as a graph over the weights where they lie. */
export async function stackGraph({ weights, size }: StackFiles): Promise<Tensor> {
  const { tensors } = await openSafetensors(weights)
  return transformer(parametersOf(tensors), configOf(size.hidden), symbols(size))
}

/** One complete set of inputs. */
export const stackFeeds = ({ size }: StackFiles): Record<string, TensorData> => feeds(size)

function feeds({ hidden, tokens }: StackSize): Record<string, TensorData> {
  const { config, textTokens, columns } = shapeOf(hidden)
  const grid = { rows: (tokens - textTokens) / columns, columns }
  const random = (shape: readonly number[], seed: number): TensorData => {
    const count = shape.reduce((product, size) => product * size, 1)
    return { dtype: 'float32', shape, data: uniform(count, { bound: Math.sqrt(3), seed }) } // variance 1
  }
  const floats = (shape: readonly number[], data: Float32Array): TensorData => ({ dtype: 'float32', shape, data })
  const { cos, sin } = ropeTable(sequenceIds(textTokens, positionIds(grid, [])), config.axesDims)
  const half = (table: Float32Array): TensorData => {
    return floats(
      [tokens, config.headDim / 2],
      table.filter((_, i) => i % 2 === 0),
    )
  }
  return {
    latents: random([1, grid.rows * grid.columns, config.inChannels], 1),
    text: random([1, textTokens, config.jointDim], 2),
    pooled: random([1, config.pooledDim], 3),
    timestep: floats([1, 256], sinusoid([0.75])),
    ...(config.guidanceEmbeds && { guidance: floats([1, 256], sinusoid([3.5])) }),
    cos: half(cos),
    sin: half(sin),
  }
}

function symbols(size: StackSize) {
  const of = Object.fromEntries(Object.entries(feeds(size)).map(([name, { shape }]) => [name, input(name, shape)]))
  const { latents, text, pooled, timestep, guidance, cos, sin } = of
  return { latents, text, pooled, timestep, guidance, rotary: { cos, sin } }
}
