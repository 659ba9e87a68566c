// Transformer cases: the sinusoids, the rotary table and every named tensor inside the graph.
import { join } from 'node:path'
import {
  openComponent,
  type ParameterOptions,
  type Parameters,
  parametersOf,
  type Quantization,
  ropeTable,
  runningWeights,
  Sessions,
  sequenceIds,
  sinusoid,
  transformer,
} from '@dreamgraph/dreamo'
import { input } from '@dreamgraph/onnx'
import type { Runtime, TensorData } from '@dreamgraph/runtime'
import type { GoldenCase } from '../case-folder.js'
import { type Computed, collector } from '../computed.js'

export interface FluxCall {
  readonly latents: TensorData
  readonly text: TensorData
  readonly pooled: TensorData
  readonly timestep: readonly number[]
  readonly guidance?: readonly number[]
  readonly rows?: TensorData
  /** Position ids of image and references, [tokens, 3]. */
  readonly imageIds: Float32Array
}

export async function runFlux(golden: GoldenCase, runtime: Runtime, quantization?: Quantization): Promise<Computed> {
  const sessions = new Sessions(runtime)
  const component = await openComponent('transformer', join(golden.dir, 'weights', 'transformer'))
  const quantizable = {
    transformer: component,
    adapters: new Map(),
    loraMode: 'branches',
    loras: [],
    sessions,
  } as const
  const parameters = quantization && (await runningWeights({ ...quantizable, quantization })).parameters
  const computed: Computed = new Map()
  const calls: Record<string, { timestep: number; guidance: number }> = golden.params.calls ?? { main: {} }
  for (const [suffix, { timestep, guidance }] of Object.entries(calls)) {
    const call = readCall(golden)
    const isMain = suffix === 'main'
    const at = { timestep: isMain ? call.timestep : [timestep], guidance: isMain ? call.guidance : [guidance] }
    const outputs = await runTransformer(component, runtime, { ...call, ...at }, { parameters })
    for (const [name, data] of outputs)
      if (isMain || name === 'output') computed.set(isMain ? name : name + suffix, data)
  }
  const outputImage = golden.params.image_tokens_hw[0] * golden.params.image_tokens_hw[1] * 64
  computed.set('output_image', (computed.get('output') as Float32Array).subarray(0, outputImage))
  return computed
}

/** The inputs under the names that all transformer cases use. */
export function readCall(golden: GoldenCase, prefix = ''): FluxCall {
  const floats = (name: string): TensorData => ({ dtype: 'float32', ...golden.tensor(prefix + name) })
  const optional = (name: string): boolean => golden.has(prefix + name)
  return {
    latents: floats('hidden_states'),
    text: floats('encoder_hidden_states'),
    pooled: floats('pooled_projections'),
    timestep: optional('timestep') ? [...golden.tensor(`${prefix}timestep`).data] : [],
    guidance: optional('guidance') ? [...golden.tensor(`${prefix}guidance`).data] : undefined,
    rows: optional('embeddings') ? floats('embeddings') : undefined,
    imageIds: golden.tensor(`${prefix}img_ids`).data,
  }
}

type TransformerComponent = Awaited<ReturnType<typeof openComponent<'transformer'>>>

/** Runs the transformer over all tokens; with every inner tensor among the outputs. */
export async function runTransformer(
  { config, weights }: TransformerComponent,
  runtime: Runtime,
  call: FluxCall,
  { parameters, ...lora }: ParameterOptions & { readonly parameters?: Parameters } = {},
): Promise<Map<string, Float32Array>> {
  const rope = ropeTable(sequenceIds(call.text.shape[1], Int32Array.from(call.imageIds)), config.axesDims)
  const sinusoidOf = (values: readonly number[]): TensorData => ({
    dtype: 'float32',
    shape: [values.length, 256],
    data: sinusoid(values),
  })
  const half = (table: Float32Array): TensorData => ({
    dtype: 'float32',
    shape: [rope.tokens, rope.headDim / 2],
    data: table.filter((_, i) => i % 2 === 0),
  })
  const feeds: Record<string, TensorData> = {
    latents: call.latents,
    text: call.text,
    pooled: call.pooled,
    timestep: sinusoidOf(call.timestep),
    cos: half(rope.cos),
    sin: half(rope.sin),
    ...(config.guidanceEmbeds ? { guidance: sinusoidOf(call.guidance!) } : {}),
    ...(call.rows ? { rows: call.rows } : {}),
  }
  const t = Object.fromEntries(Object.entries(feeds).map(([name, { shape }]) => [name, input(name, shape)]))
  const { outputs, probe } = collector()
  const { latents, text, pooled, timestep, guidance, rows, cos, sin } = t
  outputs.output = transformer(
    parameters ?? parametersOf(weights, lora),
    config,
    { latents, text, pooled, timestep, guidance, rows, rotary: { cos, sin } },
    { probe },
  )
  const results = await (await new Sessions(runtime).of('golden transformer', outputs)).run(feeds)
  const computed = new Map(Object.entries(results).map(([name, { data }]) => [name, data as Float32Array]))
  computed.set('timestep_sinusoid', feeds.timestep.data as Float32Array)
  if (feeds.guidance) computed.set('guidance_sinusoid', feeds.guidance.data as Float32Array)
  computed.set('rope_cos', rope.cos)
  computed.set('rope_sin', rope.sin)
  return computed
}
