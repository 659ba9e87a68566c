import { existsSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { preset, presets } from './presets.js'
import { goldenPath, openGolden } from './testing/golden.js'

describe.each(['v1', 'v1.1'].flatMap((version) => [true, false].map((turbo) => ({ version, turbo }))))(
  '$version, turbo $turbo',
  ({ version, turbo }) => {
    test('every file is where the official layout has it', () => {
      const { loras, embeddingsFile } = preset(version, { turbo })
      for (const { file } of loras) expect(existsSync(goldenPath('lora/weights', file)), file).toBe(true)
      expect(loras.map(({ file }) => file)).toContain(embeddingsFile)
    })

    test('turbo is one LoRA and 12 steps', () => {
      const { loras, steps } = preset(version, { turbo })
      expect(loras.some(({ name }) => name === 'turbo')).toBe(turbo)
      expect(steps).toBe(turbo ? 12 : 25)
    })
  },
)

test('v1.1 fuses what the pipeline case fuses, in its order', () => {
  const { lora_order } = openGolden<{ lora_order: [string, number][] }>('pipeline_tiny').params
  const got = preset('v1.1', { turbo: true }).loras.map(({ file, weight }) => [file, weight])
  expect(got).toEqual(
    lora_order.map(([name, weight]) => [
      name.startsWith('FLUX') ? `${name}/diffusion_pytorch_model.safetensors` : `${name}.safetensors`,
      weight,
    ]),
  )
})

test('weights and guidance of v1', () => {
  const { loras, guidance } = preset('v1', { turbo: false })
  expect(loras.map(({ weight }) => weight)).toEqual([1, 1, 0.15, -0.8])
  expect(guidance).toBe(3.5)
})

test('true guidance is for mini alone: the published versions have it distilled', () => {
  const scales = presets.map(({ version, trueCfg }) => `${version} ${trueCfg}`)
  expect([...new Set(scales)]).toEqual(['v1 1', 'v1.1 1', 'mini 3'])
})

test('an unknown version names the known ones', () => {
  expect(() => preset('v2', { turbo: true })).toThrow('preset: expected v1 or v1.1 or mini, got v2')
})

test('mini is one LoRA beside its base, turbo or not: it was never distilled', () => {
  expect(preset('mini', { turbo: true })).toEqual(preset('mini', { turbo: false }))
  expect(preset('mini', { turbo: true })).toMatchObject({
    loras: [{ file: 'DreamO/dreamo.safetensors', weight: 1 }],
    steps: 12,
    referenceResolution: 64,
  })
})
