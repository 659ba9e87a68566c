import { input, type Tensor } from '@dreamgraph/onnx'
import { openRuntime, type Runtime } from '@dreamgraph/runtime'
import { openTransformer } from '@dreamgraph/weights'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parseFluxConfig } from '../configs.js'
import { parametersOf } from '../parameters.js'
import { Sessions } from '../sessions.js'
import { closeTo, goldenJson, openGolden } from '../testing/golden.js'
import { transformer } from './transformer.js'

let runtime: Runtime
beforeAll(async () => {
  runtime = await openRuntime({ device: 'cpu' })
})
afterAll(() => runtime.close())

test('every inner tensor of flux_tiny matches the official code, fed with its sinusoids', async () => {
  const golden = openGolden('flux_tiny')
  const config = parseFluxConfig(goldenJson('flux_tiny', 'weights', 'transformer', 'config.json'))
  const { weights } = await openTransformer(`${golden.dir}/weights/transformer`)
  const feeds: Record<string, ReturnType<typeof golden.tensor>> = {
    latents: golden.tensor('hidden_states'),
    text: golden.tensor('encoder_hidden_states'),
    pooled: golden.tensor('pooled_projections'),
    timestep: golden.tensor('timestep_sinusoid'),
    guidance: golden.tensor('guidance_sinusoid'),
    rows: golden.tensor('embeddings'),
  }
  for (const name of ['cos', 'sin']) {
    const { data, shape } = golden.tensor(`rope_${name}`)
    feeds[name] = { data: data.filter((_, i) => i % 2 === 0), shape: [shape[0], shape[1] / 2] }
  }
  const t = Object.fromEntries(Object.entries(feeds).map(([name, x]) => [name, input(name, x.shape)]))
  const recorded = new Set(golden.names())
  const outputs: Record<string, Tensor> = {}
  const probe = (name: string, tensor: Tensor) => {
    if (recorded.has(name)) outputs[name] = tensor
  }
  const { cos, sin, latents, text, pooled, timestep, guidance, rows } = t
  const inputs = { latents, text, pooled, timestep, guidance, rows, rotary: { cos, sin } }
  outputs.output = transformer(parametersOf(weights), config, inputs, { probe })
  expect(Object.keys(outputs)).toHaveLength(26)
  const session = await new Sessions(runtime).of('flux_tiny', outputs)
  const got = await session.run(
    Object.fromEntries(Object.entries(feeds).map(([name, x]) => [name, { dtype: 'float32', ...x }])),
  )
  for (const name of Object.keys(outputs)) {
    const { atol_strict } = golden.tolerance(name)
    closeTo(got[name].data as Float32Array, golden.tensor(name).data, { atol: atol_strict, rtol: 1e-5 })
  }
})
