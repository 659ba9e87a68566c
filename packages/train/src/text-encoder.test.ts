import {
  clipTokenTable,
  declaredParameters,
  encodeT5,
  gaussianNoise,
  type Parameters,
  PLACEHOLDER_TOKENS,
  parseClipConfig,
  parseFluxConfig,
  parseT5Config,
  Sessions,
} from '@dreamgraph/dreamo'
import { gradients, graph, graphInputs, input, type Tensor } from '@dreamgraph/onnx'
import { openRuntime, type TensorData } from '@dreamgraph/runtime'
import { afterAll, describe, expect, it } from 'vitest'
import type { Batch, Bucket } from './batch.js'
import { bucketGraph, type NoiseDraw } from './bucket-graph.js'
import { placeholdersInGraph } from './text-encoder.js'
import { baseModel, clipPrefix, type TrainedModel, t5Prefix } from './trained-model.js'

const runtime = await openRuntime({ device: 'cpu', threads: 1 })
afterAll(() => runtime.close())

const flux = parseFluxConfig({
  attention_head_dim: 8,
  axes_dims_rope: [2, 2, 4],
  in_channels: 8,
  joint_attention_dim: 12,
  num_attention_heads: 2,
  num_layers: 1,
  num_single_layers: 1,
  pooled_projection_dim: 8,
})
const t5 = parseT5Config({
  d_ff: 16,
  d_kv: 4,
  d_model: 12,
  feed_forward_proj: 'gated-gelu',
  num_heads: 2,
  num_layers: 2,
  vocab_size: 20,
})
const clip = parseClipConfig({
  eos_token_id: 2,
  hidden_size: 8,
  intermediate_size: 16,
  max_position_embeddings: 9,
  num_attention_heads: 2,
  num_hidden_layers: 1,
  vocab_size: 11,
})
const learnt = baseModel(flux, { seed: 3n, text: { t5, clip } })
const bucket: Bucket = { batch: 2, image: { height: 32, width: 32 }, references: [], textTokens: 6, pooledTokens: 5 }
const values = (length: number, index: number) => gaussianNoise(length, { seed: 4n, stream: 'latent', index })
const textIds = [
  [4, 5, 6, 1, 0, 0],
  [7, 5, 4, 9, 1, 0],
]
const pooledIds = [
  [8, 1, 10, 10, 10],
  [8, 2, 3, 10, 10],
]
const batch: Batch = {
  bucket: 'words',
  task: 'words',
  latents: values(2 * 4 * 8, 0),
  references: new Float32Array(),
  text: textIds,
  pooled: pooledIds,
}
const draw: NoiseDraw = { seed: 5n, times: { kind: 'uniform' }, guidance: 1, weights: { diff: 1, route: 1, holder: 1 } }
// Modulations start at zero, where text says nothing yet.
const state = Object.fromEntries(
  [...learnt.initial].map(([name, data], i): [string, TensorData] => {
    const noise = values(data.length, i + 10)
    return [
      name,
      { dtype: 'float32', shape: learnt.trainables.get(name)!.shape, data: data.map((x, at) => x + 0.1 * noise[at]) },
    ]
  }),
)

async function run(outputs: Record<string, Tensor>, feeds: Record<string, TensorData>) {
  const session = await new Sessions(runtime).of('run', outputs)
  const needed = new Set(graphInputs(graph('run', outputs)).keys())
  return session.run(Object.fromEntries(Object.entries(feeds).filter(([name]) => needed.has(name))))
}

async function diffOf(model: TrainedModel, given: Batch): Promise<number> {
  const built = bucketGraph(model, bucket, { routing: 'raw', placeholder: 'scaled', recompute: false })
  const { feeds } = await built.feeds(given, draw)
  return Number((await run({ total: built.total }, { ...state, ...feeds })).total.data[0])
}

describe('text encoders inside the graph', () => {
  it('give the loss that their states give', async () => {
    const text = learnt.t5!.encode(2, 6)
    const pooled = learnt.clip!.encode(2, 5)
    const feeds = { ...state, ...(await learnt.t5!.feeds(textIds)), ...(await learnt.clip!.feeds(pooledIds)) }
    const states = await run({ text, pooled }, feeds)
    const outside = { ...learnt, t5: undefined, clip: undefined }
    const given = {
      ...batch,
      text: states.text.data as Float32Array,
      pooled: states.pooled.data as Float32Array,
    }
    expect(await diffOf(learnt, batch)).toBeCloseTo(await diffOf(outside, given), 5)
    expect(await diffOf(learnt, { ...batch, text: [textIds[1], textIds[0]] })).not.toBe(await diffOf(learnt, batch))
  })

  it('learn but for what is fixed, which gives the same numbers from the same values', async () => {
    const isFixed = (name: string): boolean => name.includes('SelfAttention')
    const start = new Map(Object.entries(state).map(([name, { data }]) => [name, data as Float32Array]))
    const still = baseModel(flux, { seed: 6n, text: { t5, clip }, start, isFixed })
    expect([...still.fixed.keys()]).toHaveLength(2 * 4 + 1)
    expect(still.fixed.size + still.trainables.size).toBe(learnt.trainables.size)
    expect([...still.initial.keys()]).toEqual([...still.trainables.keys()])
    expect(await diffOf(still, batch)).toBeCloseTo(await diffOf(learnt, batch), 6)
  })

  it('pool at the first token of the largest id', async () => {
    const feeds = await learnt.clip!.feeds(pooledIds)
    expect([...feeds.pooledAt.data]).toEqual([0, 0, 1, 0, 0, 0, 0, 0, 1, 0])
  })

  it('learn: word tables, positions and distances have gradients, but only of words that occur', async () => {
    const built = bucketGraph(learnt, bucket, { routing: 'raw', placeholder: 'scaled', recompute: false })
    const names = [
      `${t5Prefix}.shared.weight`,
      `${t5Prefix}.encoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight`,
      `${clipPrefix}.${clipTokenTable}`,
    ]
    const slopes = gradients(
      built.total,
      names.map((name) => learnt.trainables.get(name)!),
    )
    const outputs = Object.fromEntries(names.map((name, i) => [`slope ${name}`, slopes[i]]))
    const { feeds } = await built.feeds(batch, draw)
    const results = await run(outputs, { ...state, ...feeds })
    const used = Object.values(results).map(({ shape: [rows, width], data }) =>
      Array.from({ length: rows }, (_, row) => row).filter((row) =>
        (data as Float32Array).subarray(row * width, (row + 1) * width).some((x) => x !== 0),
      ),
    )
    expect(used[0]).toEqual([0, 1, 4, 5, 6, 7, 9])
    expect(used[1].length).toBeGreaterThan(5)
    expect(used[2]).toEqual([1, 2, 3, 8, 10])
  })

  it('refuse states where they need ids, and ids of another length', async () => {
    const text = values(2 * 6 * 12, 1)
    await expect(diffOf(learnt, { ...batch, text })).rejects.toThrow(
      /text: expected 2 captions of 6 token ids, got 144 values/,
    )
    await expect(diffOf(learnt, { ...batch, pooled: [[1], [2]] })).rejects.toThrow(
      /pooled: expected 2 captions of 5 token ids, got 2 of 1,1/,
    )
  })
})

describe('placeholder rows before a frozen T5', () => {
  it('stand where the placeholders are; words are those of the table', async () => {
    const shapes = declaredParameters((p) => void encodeT5(p, t5, input('tokens', [1, 2, 12])))
    const weights = Object.fromEntries(shapes.map(({ name, shape }) => [name, input(name, shape)]))
    const parameters: Parameters = { weight: (key) => weights[key], branches: () => [] }
    const frozen = Object.fromEntries(
      shapes.map(({ name, shape }, i): [string, TensorData] => {
        const data = values(
          shape.reduce((n, d) => n * d, 1),
          i,
        )
        return [name, { dtype: 'float32', shape, data }]
      }),
    )
    const table = values(20 * 12, 90)
    const rows = values(10 * 12, 91)
    const encoder = placeholdersInGraph({
      parameters,
      config: t5,
      lookup: async (ids) => Float32Array.from(ids.flatMap((id) => [...table.subarray(id * 12, id * 12 + 12)])),
      rows: input('rows', [10, 12]),
      ids: PLACEHOLDER_TOKENS.map((_, i) => 20 + i),
    })
    const ids = [[4, 20, 6, 28]]
    const feeds = { ...(await encoder.feeds(ids)), rows: { dtype: 'float32', shape: [10, 12], data: rows } as const }
    const { states } = await run({ states: encoder.encode(1, 4) }, { ...frozen, ...feeds })
    const whole = [table.subarray(48, 60), rows.subarray(0, 12), table.subarray(72, 84), rows.subarray(96, 108)]
    const tokens: TensorData = {
      dtype: 'float32',
      shape: [1, 4, 12],
      data: Float32Array.from(whole.flatMap((row) => [...row])),
    }
    const { want } = await run({ want: encodeT5(parameters, t5, input('tokens', [1, 4, 12])) }, { ...frozen, tokens })
    for (const [i, x] of (states.data as Float32Array).entries()) expect(x).toBeCloseTo(want.data[i] as number, 5)
  })
})
