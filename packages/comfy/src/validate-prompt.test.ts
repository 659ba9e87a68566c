import { describe, expect, it } from 'vitest'
import type { ComfyObject } from './exact-json.js'
import { objectInfo } from './object-info.js'
import { readComfy } from './read.js'
import { fixture } from './testing/fixture.js'
import { toPrompt } from './to-prompt.js'
import { promptIdFault, type ValidateOptions, validatePrompt } from './validate-prompt.js'

const info = objectInfo({
  checkpoints: ['flux1-dev-fp8.safetensors'],
  diffusionModels: ['flux1-dev.safetensors', 'FLUX1/flux1-dev-fp8.safetensors'],
  textEncoders: ['t5xxl_fp16.safetensors', 'clip_l.safetensors'],
  vaes: ['ae.safetensors'],
  samplers: ['euler', 'dpmpp_2m'],
  schedulers: ['simple', 'normal'],
  pictures: ['cat.png', 'robot.png'],
  loras: ['flux-turbo', 'dreamo_comfyui', 'dreamo_cfg_distill_comfyui', 'dreamo_quality_lora_pos_comfyui']
    .map((name) => `${name}.safetensors`)
    .concat('dreamo_quality_lora_neg_comfyui.safetensors'),
})

const flow = () => fixture('flux-ksampler') as Record<string, { class_type: string; inputs: ComfyObject }>
const judged = (change: (prompt: ReturnType<typeof flow>) => void, options?: ValidateOptions) => {
  const prompt = flow()
  change(prompt)
  return validatePrompt(prompt, info, options)
}
/** `node type details` of each fault of each node. */
const faults = (change: (prompt: ReturnType<typeof flow>) => void, options?: ValidateOptions) => {
  const { node_errors } = judged(change, options)
  return Object.entries(node_errors).flatMap(([id, { errors }]) =>
    errors.map(({ type, details }) => `${id} ${type} ${details}`),
  )
}

describe('validatePrompt', () => {
  it('passes a right prompt, and those of the fixtures', () => {
    expect(judged(() => {})).toEqual({ ok: true, outputs: ['9'], node_errors: {} })
    const { ui } = readComfy(fixture('dreamo-two-conditions')) as { ui: Parameters<typeof toPrompt>[0] }
    expect(validatePrompt(toPrompt(ui), info)).toEqual({ ok: true, outputs: ['9', '56', '57'], node_errors: {} })
  })

  it('refuses what is no prompt, unknown classes and prompts without an output', () => {
    expect(validatePrompt(undefined, info)).toEqual({
      ok: false,
      error: { type: 'no_prompt', message: 'No prompt provided', details: 'No prompt provided', extra_info: {} },
      node_errors: {},
    })
    expect(
      judged((prompt) => Object.assign(prompt, { '1': { class_type: 'constructor', _meta: { title: 'T' } } })),
    ).toMatchObject({
      error: {
        type: 'missing_node_type',
        details: "Node ID '#1'",
        extra_info: { node_id: '1', class_type: 'constructor', node_title: 'T' },
      },
    })
    expect(judged((prompt) => Object.assign(prompt, { '1': 5 }))).toMatchObject({
      error: { type: 'missing_node_type' },
    })
    expect(judged((prompt) => delete prompt['9'])).toMatchObject({ ok: false, error: { type: 'prompt_no_outputs' } })
    expect(judged(() => {}, { targets: ['8'] })).toMatchObject({ error: { type: 'prompt_no_outputs' } })
  })

  it('has the body of ComfyUI: the fault at its node, and which outputs hang on it', () => {
    expect(judged(({ '3': sampler }) => Object.assign(sampler!.inputs, { steps: 0 }))).toEqual({
      ok: false,
      error: {
        type: 'prompt_outputs_failed_validation',
        message: 'Prompt outputs failed validation',
        details: '',
        extra_info: {},
      },
      node_errors: {
        3: {
          errors: [
            {
              type: 'value_smaller_than_min',
              message: 'Value 0 smaller than min of 1',
              details: 'steps',
              extra_info: {
                input_name: 'steps',
                input_config: ['INT', { default: 20, min: 1, max: 10_000 }],
                received_value: 0,
              },
            },
          ],
          dependent_outputs: ['9'],
          class_type: 'KSampler',
        },
      },
    })
  })

  it('finds each kind of wrong value', () => {
    const at3 = (inputs: ComfyObject) => faults(({ '3': node }) => Object.assign(node!.inputs, inputs))
    expect(at3({ cfg: 101 })).toEqual(['3 value_bigger_than_max cfg'])
    expect(at3({ seed: 2n ** 64n - 1n, steps: '12', cfg: '1.5' })).toEqual([])
    expect(at3({ seed: 2n ** 64n })).toEqual(['3 value_bigger_than_max seed'])
    expect(at3({ steps: 'many' })).toEqual([
      "3 invalid_input_type steps, many, invalid literal for int() with base 10: 'many'",
    ])
    expect(at3({ cfg: null })[0]).toContain("float() argument must be a string or a real number, not 'NoneType'")
    expect(at3({ sampler_name: 'heun' })).toEqual([
      "3 value_not_in_list sampler_name: 'heun' not in ['euler', 'dpmpp_2m']",
    ])
    expect(at3({ model: ['30', 0, 0] })).toEqual(['3 bad_linked_input model'])
    expect(at3({ model: ['99', 0] })).toEqual(["3 bad_linked_input model, node '99' does not exist"])
    expect(at3({ model: ['30', 7] })).toEqual(['3 bad_linked_input model, CheckpointLoaderSimple has no output 7'])
    expect(at3({ model: ['30', 1] })).toEqual([
      '3 return_type_mismatch model, received_type(CLIP) mismatch input_type(MODEL)',
    ])
    expect(faults(({ '3': node }) => delete node!.inputs.positive)).toEqual(['3 required_input_missing positive'])
    expect(faults(({ '6': node }) => Object.assign(node!.inputs, { text: { __value__: ['a'] } }))).toEqual([])
  })

  it('reports cycles at each of their nodes', () => {
    const found = faults(({ '27': latent }) => Object.assign(latent!.inputs, { batch_size: ['8', 0] }))
    expect(found.filter((line) => line.includes('dependency_cycle')).map((line) => line.split(' ')[0])).toEqual([
      '3',
      '8',
      '27',
    ])
    expect(found).toContain('27 return_type_mismatch batch_size, received_type(IMAGE) mismatch input_type(INT)')
    const cycle = faults((prompt) => {
      prompt['40'] = { class_type: 'FluxGuidance', inputs: { conditioning: ['35', 0], guidance: 3 } }
      Object.assign(prompt['35']!.inputs, { conditioning: ['40', 0] })
    })
    expect(cycle).toEqual([
      '35 dependency_cycle 35 (FluxGuidance) -> 40 (FluxGuidance) -> 35 (FluxGuidance)',
      '40 dependency_cycle 35 (FluxGuidance) -> 40 (FluxGuidance) -> 35 (FluxGuidance)',
    ])
  })

  it('runs the outputs that are right and reports the others', () => {
    const verdict = judged((prompt) => Object.assign(prompt, { '50': { class_type: 'PreviewImage', inputs: {} } }))
    expect(verdict).toMatchObject({ ok: true, outputs: ['9'], node_errors: { 50: { dependent_outputs: ['50'] } } })
  })

  it('asks for pictures by their full names', () => {
    const load = (image: string, options?: ValidateOptions) =>
      faults((prompt) => {
        prompt['60'] = { class_type: 'LoadImage', inputs: { image } }
        prompt['61'] = { class_type: 'PreviewImage', inputs: { images: ['60', 0] } }
      }, options)
    expect(load('cat.png')).toEqual([])
    expect(load('dog.png')).toEqual(['60 custom_validation_failed image - Invalid image file: dog.png'])
    expect(load('old.png [output]')).toEqual([])
    expect(load('sub/dog.png', { hasPicture: () => false })).toHaveLength(1)
  })

  it('survives long chains', () => {
    const chain = Object.fromEntries(
      Array.from({ length: 9000 }, (_, at) => {
        const inputs = { conditioning: [`g${at + 1}`, 0], guidance: 3 }
        return [`g${at}`, { class_type: 'FluxGuidance', inputs }]
      }),
    )
    const verdict = judged((prompt) => {
      Object.assign(prompt, chain, { g9000: prompt['35'] })
      Object.assign(prompt['3']!.inputs, { positive: ['g0', 0] })
    })
    expect(verdict.ok).toBe(true)
  })
})

it('prompt ids are UUIDs in lower case', () => {
  expect(promptIdFault(undefined)).toBeUndefined()
  expect(promptIdFault('6f9619ff-8b86-4d01-b42d-00cf4fc964ff')).toBeUndefined()
  for (const id of ['6F9619FF-8B86-4D01-B42D-00CF4FC964FF', 'x', 5])
    expect(promptIdFault(id)?.type).toBe('invalid_prompt_id')
})
