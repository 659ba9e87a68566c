import { expect, it } from 'vitest'
import { type ComfyJson, printComfy } from './exact-json.js'
import { objectInfo } from './object-info.js'

it('describes a class in the form of ComfyUI, lists filled in', () => {
  const info = objectInfo({ loras: ['a.safetensors'], samplers: ['euler', 'heun'], pictures: ['cat.png'] })
  expect(info.LoraLoaderModelOnly).toEqual({
    input: {
      required: {
        model: ['MODEL'],
        lora_name: [['a.safetensors']],
        strength_model: ['FLOAT', { default: 1, min: -100, max: 100, step: 0.01 }],
      },
    },
    input_order: { required: ['model', 'lora_name', 'strength_model'] },
    is_input_list: false,
    output: ['MODEL'],
    output_is_list: [false],
    output_name: ['MODEL'],
    name: 'LoraLoaderModelOnly',
    display_name: 'Load LoRA',
    description: '',
    python_module: 'nodes',
    category: 'model/loaders',
    output_node: false,
  })
  expect(info.KSampler!.input.required.sampler_name).toEqual([['euler', 'heun']])
  expect(info.KSampler!.input.required.scheduler).toEqual([['simple']])
  expect(info.LoadImage!.input.required.image).toEqual([['cat.png'], { image_upload: true }])
  expect(info.DreamOLoadModel!.input.required.turbo_lora).toEqual([['None', 'a.safetensors']])
  expect(info.ApplyDreamO!.input_order).toEqual({ required: ['model', 'ref1'], optional: ['ref2', 'ref3'] })
  expect(info.SamplerCustomAdvanced!.output_name).toEqual(['output', 'denoised_output'])
  expect(
    Object.values(info)
      .filter(({ output_node }) => output_node)
      .map(({ name }) => name),
  ).toEqual(['SaveImage', 'PreviewImage'])
})

it('prints the largest seed exactly', () => {
  expect(printComfy(objectInfo() as unknown as ComfyJson)).toContain('"max":18446744073709551615')
})
