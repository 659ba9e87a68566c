import { gradients, graph, graphInputs, input, memoryOf, type Tensor } from '@dreamgraph/onnx'
import { openRuntime, type Runtime, type TensorData } from '@dreamgraph/runtime'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type FluxConfig, parseFluxConfig } from '../configs.js'
import { headsProbe, sequenceSpans } from '../losses/attention-heads.js'
import { flowLoss } from '../losses/flow.js'
import { responseMaps, routingLoss } from '../losses/routing.js'
import { gaussianNoise } from '../noise.js'
import type { Parameters } from '../parameters.js'
import { layoutTokens, type TokenLayout } from '../references.js'
import { Sessions } from '../sessions.js'
import { closeTo } from '../testing/golden.js'
import { transformer } from './transformer.js'

const layoutOf = (size: number): TokenLayout =>
  layoutTokens({ height: size, width: size }, [{ slot: 1, image: { height: 32, width: 32 } }])

let runtime: Runtime
beforeAll(async () => {
  runtime = await openRuntime({ device: 'cpu' })
})
afterAll(() => runtime.close())

interface Options {
  readonly recompute: boolean
  readonly layout: TokenLayout
  /** Which weights to differentiate by. */
  readonly learns: (name: string) => boolean
}

/** Gradients of flow and routing loss, each by itself; all weights are inputs. */
function build(config: FluxConfig, { recompute, layout, learns }: Options): Record<string, Tensor> {
  const spans = sequenceSpans(8, layout)
  const weights = new Map<string, Tensor>()
  const parameters: Parameters = {
    weight(key, shape) {
      const known = weights.get(key) ?? input(key, shape)
      weights.set(key, known)
      return known
    },
    branches: () => [],
  }
  const of = (name: string, ...shape: number[]): Tensor => input(name, shape)
  const tokens = layout.tokens
  const heads = headsProbe()
  const velocity = transformer(
    parameters,
    config,
    {
      latents: of('latents', 1, tokens, config.inChannels),
      text: of('text', 1, 8, config.jointDim),
      pooled: of('pooled', 1, config.pooledDim),
      timestep: of('timestep', 1, 256),
      rotary: { cos: of('cos', 8 + tokens, config.headDim / 2), sin: of('sin', 8 + tokens, config.headDim / 2) },
    },
    { keepTokens: layout.image.count, probe: heads.probe, recompute },
  )
  const target = ['x0', 'noise'].map((name) => of(name, 1, layout.image.count, config.inChannels))
  const losses = [
    flowLoss(velocity, target[0], target[1]),
    routingLoss(responseMaps(heads.layers(), spans, 'raw'), of('masks', 1, 1, layout.image.count)),
  ]
  const named = [...weights].filter(([name]) => learns(name))
  const roots = named.map(([, tensor]) => tensor)
  return Object.fromEntries(
    losses.flatMap((loss, which) => {
      const all = gradients(loss, roots)
      return named.map(([name], i) => [`${which}/${name}`, all[i]])
    }),
  )
}

const config = (layers: number): FluxConfig =>
  parseFluxConfig({
    num_layers: layers,
    num_single_layers: layers,
    num_attention_heads: 2,
    attention_head_dim: 16,
    axes_dims_rope: [4, 6, 6],
    joint_attention_dim: 12,
    pooled_projection_dim: 10,
  })

test('blocks that are computed again give the same gradients, of losses on their inside too', async () => {
  const options = { layout: layoutOf(64), learns: () => true }
  const plain = build(config(2), { ...options, recompute: false })
  const recomputed = build(config(2), { ...options, recompute: true })
  const used = graphInputs(graph('all', plain))
  const feeds: Record<string, TensorData> = {}
  for (const [i, [name, { shape }]] of [...used].entries()) {
    const length = shape.reduce((n, d) => n * d, 1)
    const data = gaussianNoise(length, { seed: 4n, stream: 'latent', index: i }).map((x) => 0.3 * x)
    feeds[name] = { dtype: 'float32', shape, data }
  }
  const sessions = new Sessions(runtime)
  const want = await (await sessions.of('plain', plain)).run(feeds)
  const got = await (await sessions.of('recomputed', recomputed)).run(feeds)
  expect(Object.keys(got).length).toBeGreaterThan(100)
  for (const [name, { data }] of Object.entries(want)) {
    closeTo(got[name].data as Float32Array, data as Float32Array, { atol: 1e-5, rtol: 1e-3 })
  }
})

test('a deep transformer trains in less memory', () => {
  const peak = (recompute: boolean): number => {
    const options = { recompute, layout: layoutOf(256), learns: (name: string) => name.endsWith('attn.to_q.weight') }
    const ofFlow = Object.entries(build(config(8), options)).filter(([name]) => name.startsWith('0/'))
    return memoryOf(graph('deep', Object.fromEntries(ofFlow))).peakActivationBytes
  }
  expect(peak(true)).toBeLessThan(0.5 * peak(false))
})
