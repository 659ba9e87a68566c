import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseClipConfig, parseFluxConfig, parseSchedulerConfig, parseT5Config, parseVaeConfig } from './configs.js'
import { DreamoError } from './errors.js'
import { goldenJson } from './testing/golden.js'

/** FLUX.1-dev's transformer/config.json, key for key. */
const fluxDev = {
  _class_name: 'FluxTransformer2DModel',
  attention_head_dim: 128,
  guidance_embeds: true,
  in_channels: 64,
  joint_attention_dim: 4096,
  num_attention_heads: 24,
  num_layers: 19,
  num_single_layers: 38,
  patch_size: 1,
  pooled_projection_dim: 768,
}
const t5Xxl = { d_model: 4096, d_ff: 10240, d_kv: 64, num_heads: 64, num_layers: 24, feed_forward_proj: 'gated-gelu' }

describe('what the files leave out', () => {
  test('FLUX.1-dev states no axes and no out_channels', () => {
    const config = parseFluxConfig(fluxDev)
    expect(config).toMatchObject({ axesDims: [16, 56, 56], outChannels: 64, hiddenSize: 3072, mlpSize: 12288 })
  })

  test('an empty transformer config is schnell: no guidance embedder', () => {
    expect(parseFluxConfig({})).toEqual({ ...parseFluxConfig(fluxDev), guidanceEmbeds: false })
  })

  test('an empty autoencoder config is the class default, not FLUX', () => {
    expect(parseVaeConfig({})).toMatchObject({
      blockChannels: [64],
      latentChannels: 4,
      shiftFactor: 0,
      quantConv: true,
    })
  })

  test('an empty scheduler config does not shift', () => {
    expect(parseSchedulerConfig({})).toMatchObject({ shift: 1, dynamicShift: false, baseShift: 0.5, maxShift: 1.15 })
  })

  test('T5 1.1 XXL: 64 heads of 64', () => {
    expect(parseT5Config(t5Xxl)).toMatchObject({ vocabSize: 32128, innerSize: 4096, numBuckets: 32, maxDistance: 128 })
  })
})

test('every config of the golden cases opens', () => {
  const base = 'pipeline_tiny/weights'
  expect(parseFluxConfig(goldenJson(base, 'transformer/config.json'))).toMatchObject({ hiddenSize: 64, headDim: 16 })
  expect(parseVaeConfig(goldenJson(base, 'vae/config.json'))).toMatchObject({ downscale: 8, scalingFactor: 0.3611 })
  expect(parseClipConfig(goldenJson(base, 'text_encoder/config.json'))).toMatchObject({
    headDim: 8,
    poolAtLargestId: true,
  })
  expect(parseT5Config(goldenJson(base, 'text_encoder_2/config.json'))).toMatchObject({ hiddenSize: 32, innerSize: 32 })
})

describe('refusals', () => {
  const invalid: [string, () => unknown, string][] = [
    [
      'axes',
      () => parseFluxConfig({ ...fluxDev, axes_dims_rope: [16, 56, 58] }),
      'axes_dims_rope to sum to attention_head_dim 128, got 130',
    ],
    ['odd axes', () => parseFluxConfig({ ...fluxDev, axes_dims_rope: [16, 55, 57] }), 'even axes_dims_rope'],
    ['two axes', () => parseFluxConfig({ ...fluxDev, axes_dims_rope: [64, 64] }), 'axes_dims_rope'],
    ['in_channels', () => parseFluxConfig({ ...fluxDev, in_channels: 62 }), 'in_channels divisible by 4'],
    ['no blocks', () => parseFluxConfig({ ...fluxDev, num_layers: 0, num_single_layers: 0 }), 'at least one'],
    ['heads as text', () => parseFluxConfig({ ...fluxDev, num_attention_heads: '24' }), 'num_attention_heads'],
    ['not an object', () => parseFluxConfig([], 'a.json'), 'a.json: expected the file'],
    ['groups', () => parseVaeConfig({ block_out_channels: [48] }), 'divisible by norm_num_groups 32, got 48'],
    [
      'CLIP heads',
      () => parseClipConfig({ hidden_size: 770, num_attention_heads: 12 }),
      'divisible by num_attention_heads 12',
    ],
    ['T5 buckets', () => parseT5Config({ ...t5Xxl, relative_attention_num_buckets: 30 }), 'divisible by 4, got 30'],
    ['T5 distance', () => parseT5Config({ ...t5Xxl, relative_attention_max_distance: 8 }), 'above 8, got 8'],
    ['scheduler line', () => parseSchedulerConfig({ max_image_seq_len: 256 }), 'max_image_seq_len above'],
  ]
  test.each(invalid)('%s: config-invalid', (_, read, message) => expectFault(read, 'dreamo/config-invalid', message))

  const unsupported: [string, () => unknown, string][] = [
    ['patch 2', () => parseFluxConfig({ patch_size: 2 }), 'patch_size'],
    ['relu T5', () => parseT5Config({ ...t5Xxl, feed_forward_proj: 'relu' }), 'feed_forward_proj'],
    ['gelu CLIP', () => parseClipConfig({ hidden_act: 'gelu' }), 'hidden_act'],
    ['karras', () => parseSchedulerConfig({ use_karras_sigmas: true }), 'use_karras_sigmas'],
    ['linear time shift', () => parseSchedulerConfig({ time_shift_type: 'linear' }), 'got "linear"'],
    ['other blocks', () => parseVaeConfig({ down_block_types: ['AttnDownEncoderBlock2D'] }), 'down_block_types.0'],
  ]
  test.each(unsupported)('%s: config-unsupported', (_, read, key) =>
    expectFault(read, 'dreamo/config-unsupported', key),
  )
})

test('any JSON is either a config or a user’s fault', () => {
  const parsers = [parseFluxConfig, parseVaeConfig, parseClipConfig, parseT5Config, parseSchedulerConfig]
  const keys = [...Object.keys(fluxDev), ...Object.keys(t5Xxl), 'axes_dims_rope', 'block_out_channels', 'shift']
  const record = fc.dictionary(fc.constantFrom(...keys), fc.oneof(fc.jsonValue(), fc.nat(128)))
  fc.assert(
    fc.property(fc.oneof(record, fc.jsonValue()), (json) => {
      for (const read of parsers) {
        try {
          read(json)
        } catch (error) {
          expect(error).toBeInstanceOf(DreamoError)
        }
      }
    }),
    { seed: 21, numRuns: 300 },
  )
})

function expectFault(read: () => unknown, code: string, part: string): void {
  try {
    read()
  } catch (error) {
    expect(error).toBeInstanceOf(DreamoError)
    expect(error).toMatchObject({ code, userFault: true, message: expect.stringContaining(part) })
    expect((error as Error).message).toMatch(/^\S+\.json: expected .+, got /)
    return
  }
  throw new Error(`expected ${code}, got no error`)
}
