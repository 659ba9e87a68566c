// A single checkpoint file has no config.json: what its shapes say must come out as the published config does.
import type { WeightSet } from '@dreamgraph/weights'
import { describe, expect, test } from 'vitest'
import { expectedWeights } from './component.js'
import { parseClipConfig, parseFluxConfig, parseT5Config, parseVaeConfig } from './configs.js'
import { inferClipConfig, inferFluxConfig, inferT5Config, inferVaeConfig } from './infer-configs.js'
import { fluxClip, fluxDev, fluxSchnell, fluxT5, fluxVae, hollowWeights } from './testing/full-size.js'

const dev = hollowWeights(expectedWeights('transformer', parseFluxConfig(fluxDev)))
const vae = hollowWeights(expectedWeights('vae', parseVaeConfig(fluxVae)))
const clip = hollowWeights(expectedWeights('clip', parseClipConfig(fluxClip)))
const t5 = hollowWeights(expectedWeights('t5', parseT5Config(fluxT5)))

describe('the config that shapes tell is the published one', () => {
  test('FLUX.1-dev and schnell', () => {
    expect(parseFluxConfig(inferFluxConfig(dev, 'dev'))).toEqual(parseFluxConfig(fluxDev))
    const schnell = hollowWeights(expectedWeights('transformer', parseFluxConfig(fluxSchnell)))
    expect(parseFluxConfig(inferFluxConfig(schnell, 'schnell'))).toEqual(parseFluxConfig(fluxSchnell))
  })

  test('a pruned FLUX', () => {
    const pruned = { ...fluxDev, num_layers: 8, num_single_layers: 12, num_attention_heads: 16 }
    const weights = hollowWeights(expectedWeights('transformer', parseFluxConfig(pruned)))
    expect(parseFluxConfig(inferFluxConfig(weights, 'pruned'))).toEqual(parseFluxConfig(pruned))
  })

  test('the autoencoder', () => {
    expect(parseVaeConfig(inferVaeConfig(vae, 'ae'))).toEqual(parseVaeConfig(fluxVae))
  })

  test('CLIP and T5', () => {
    expect(parseClipConfig(inferClipConfig(clip, 'clip_l'))).toEqual(parseClipConfig(fluxClip))
    expect(parseT5Config(inferT5Config(t5, 't5xxl'))).toEqual(parseT5Config(fluxT5))
  })
})

const without = (weights: WeightSet, key: string): WeightSet => {
  expect(weights.has(key)).toBe(true)
  return new Map([...weights].filter(([name]) => name !== key))
}

test('heads of another width leave the axes open', () => {
  const small = { ...fluxDev, attention_head_dim: 16, axes_dims_rope: [4, 6, 6] }
  const weights = hollowWeights(expectedWeights('transformer', parseFluxConfig(small)))
  expect(() => inferFluxConfig(weights, 'small.safetensors')).toThrow(
    expect.objectContaining({
      code: 'dreamo/config-missing',
      message: expect.stringMatching(/^small\.safetensors: .*head dim 16$/),
    }),
  )
})

test.each([
  ['transformer', () => inferFluxConfig(without(dev, 'x_embedder.weight'), 'f'), 'x_embedder.weight'],
  ['autoencoder', () => inferVaeConfig(without(vae, 'decoder.conv_in.weight'), 'f'), 'decoder.conv_in.weight'],
  [
    'CLIP',
    () => inferClipConfig(without(clip, 'text_model.encoder.layers.0.mlp.fc1.weight'), 'f'),
    'text_model.encoder.layers.0.mlp.fc1.weight',
  ],
  ['T5', () => inferT5Config(without(t5, 'shared.weight'), 'f'), 'shared.weight'],
  ['an empty file', () => inferT5Config(new Map(), 'f'), 'shared.weight'],
])('%s: a telling key that is missing is named', (_, infer, key) => {
  const message = `f: expected a config.json or the key ${key}, got neither`
  expect(infer).toThrow(expect.objectContaining({ code: 'dreamo/config-missing', message }))
})
