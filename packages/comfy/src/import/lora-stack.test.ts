import { describe, expect, it } from 'vitest'
import { recognise, roleOf } from './lora-stack.js'

const stack = (weights: Record<string, number>) =>
  Object.entries(weights).map(([file, weight], index) => {
    return { id: `${index}`, class: 'LoraLoaderModelOnly', file, weight, role: roleOf(file) }
  })

const v11 = {
  'flux-turbo': 1,
  dreamo_comfyui: 1,
  dreamo_cfg_distill_comfyui: 1,
  dreamo_sft_lora: 1,
  dreamo_dpo_lora: 1.25,
}
const v1 = {
  dreamo_comfyui: 1,
  dreamo_cfg_distill_comfyui: 1,
  dreamo_quality_lora_pos_comfyui: 0.15,
  dreamo_quality_lora_neg_comfyui: -0.8,
}

const presetOf = (weights: Record<string, number>) => {
  const { preset, others } = recognise(stack(weights))
  return [preset, others.map(({ file }) => file)]
}

describe('recognise', () => {
  it('finds the published stacks, in any order, with turbo and without', () => {
    expect(presetOf(v11)).toEqual([{ version: 'v1.1', turbo: true }, []])
    expect(presetOf(v1)).toEqual([{ version: 'v1', turbo: false }, []])
    expect(presetOf(Object.fromEntries(Object.entries(v1).reverse()))).toEqual([{ version: 'v1', turbo: false }, []])
  })

  it('forgives small differences and no large ones', () => {
    expect(presetOf({ ...v11, dreamo_dpo_lora: 1.2 })[0]).toEqual({ version: 'v1.1', turbo: true })
    expect(presetOf({ ...v11, dreamo_dpo_lora: 1 })).toEqual([undefined, Object.keys(v11)])
    expect(presetOf({ ...v11, 'flux-turbo': 0.7 })).toEqual([{ version: 'v1.1', turbo: false }, ['flux-turbo']])
  })

  it('leaves other LoRAs beside the preset', () => {
    expect(presetOf({ realism: 0.5, ...v1 })).toEqual([{ version: 'v1', turbo: false }, ['realism']])
    expect(presetOf({ realism: 0.5 })).toEqual([undefined, ['realism']])
    expect(presetOf({})).toEqual([undefined, []])
  })
})

it('knows the parts by the names that people have them under', () => {
  expect(roleOf('FLUX.1-Turbo-Alpha/diffusion_pytorch_model.safetensors')).toBe('turbo')
  expect(roleOf('dreamo_cfg_distill.safetensors')).toBe('cfg_distill')
  expect(roleOf('v1.1/dreamo_sft_lora.safetensors')).toBe('sft')
  expect(roleOf('dreamo_quality_lora_neg.safetensors')).toBe('quality_neg')
  expect(roleOf('DreamO/dreamo.safetensors')).toBe('dreamo')
  expect(roleOf('posters.safetensors')).toBeUndefined()
})
