import { type ComfyObject, importComfy } from '@dreamgraph/comfy'
import { parseWorkflow, printWorkflow } from '@dreamgraph/graph'
import { describe, expect, test } from 'vitest'
import {
  catalogue,
  defaults,
  feeds,
  fixture,
  fixtureNames,
  imported,
  linesOf,
  nodesOf,
  promptOf,
  type ShortPrompt,
  sampler,
} from './flow.js'

test.each(fixtureNames)('%s passes the checker, prints and reads back', (name) => {
  const { workflow, report } = imported(fixture(name))
  expect(parseWorkflow(printWorkflow(workflow)).document).toEqual(JSON.parse(JSON.stringify(workflow)))
  expect(report.filter(({ kind }) => kind === 'refused')).toEqual([])
  expect(JSON.stringify(workflow) + JSON.stringify(report)).not.toContain('hf_This')
})

describe('flows of ComfyUI-DreamO', () => {
  test('v1 is a preset, a cut-out reference and a call by name', () => {
    const result = imported(fixture('dreamo-v1'))
    expect(nodesOf(result)).toEqual({
      picture1: 'image/load',
      'reference1-cutout': ['image/remove-background', { method: 'auto' }],
      reference1: ['dreamo/encode-reference', { task: 'ip', resolution: 512, slot: 1 }],
      model: 'model/load',
      preset: ['model/preset', { version: 'v1', turbo: true }],
      conditions: 'dreamo/pack-conditions',
      prompt: 'dreamo/encode-text',
      sample: 'dreamo/sample',
      noise: 'latent/noise',
      decode: 'vae/decode',
      save: 'image/save',
      preview: 'image/preview',
    })
    expect(defaults(result)).toEqual({
      model: 'FLUX.1-dev',
      prompt: 'a toy dog sitting on a red sofa',
      reference1: 'dog.png',
      seed: '42',
      width: 1024,
      height: 1024,
      steps: 12,
      guidance: 3.5,
      name: 'ComfyUI',
    })
    expect(result.workflow.outputs).toEqual({
      picture: { type: 'image', title: 'Picture', from: { node: 'decode', socket: 'image' } },
    })
    expect(feeds(result, 'dreamo/encode-reference')).toEqual([
      'picture1.image -> reference1.image',
      'reference1-cutout.mask -> reference1.mask',
      'preset.model -> reference1.model',
    ])
    expect(linesOf(result, '38')).toEqual(['mapped input model: asks for flux1-dev.safetensors; default FLUX.1-dev'])
    expect(linesOf(result, '33')).toEqual(['mapped nothing: cfg 1 uses no negative prompt'])
  })

  test('v1.1 says where its weights differ, keeps a seed beyond 2^53, and crops the face', () => {
    const result = imported(fixture('dreamo-v1.1'))
    expect(linesOf(result, '45')).toEqual([
      'guessed model/preset v1.1: dreamo_dpo_lora.safetensors at 1.25 there, 1.2 in the flow',
    ])
    expect(defaults(result)).toMatchObject({ seed: '11980469406460273604', width: 832, height: 1216, guidance: 4.5 })
    expect(feeds(result, 'dreamo/encode-reference').slice(0, 3)).toEqual([
      'reference1-face.image -> reference1.image',
      'reference1-face.mask -> reference1.mask',
      'reference1-face.task -> reference1.task',
    ])
    expect(defaults(result).name).toBe('dreamo/lighthouse')
  })

  test('two conditions go into the slots that ApplyDreamO has them in', () => {
    const result = imported(fixture('dreamo-two-conditions'))
    expect(defaults(result)).toMatchObject({
      reference1: 'cat.png',
      reference2: 'robot.png',
      seed: '9117943017303826489',
    })
    const slots = Object.values(result.workflow.nodes).flatMap(({ params }) => params?.slot ?? [])
    expect(slots.sort()).toEqual([1, 2])
    expect(feeds(result, 'dreamo/pack-conditions').slice(1)).toEqual([
      'reference1.reference -> conditions.references',
      'reference2.reference -> conditions.references',
    ])
  })

  test('a reference after an empty slot moves up, as it does in ComfyUI', () => {
    const file = fixture('dreamo-two-conditions')
    const load = (file.nodes as ComfyObject[]).find(({ id }) => id === 53)!
    load.mode = 2
    const result = imported(file)
    expect(linesOf(result, '50')).toContain('guessed slot 1: ref2 counts as reference 1, since one before it is empty')
    expect(linesOf(result, '55')).toEqual([
      'guessed its fields: no resolution was saved, taken as 512',
      'refused left out: nothing that could be imported feeds its pixels',
    ])
    expect(defaults(result)).toHaveProperty('reference2', 'robot.png')
  })

  test('the second pack is one node there and ten here', () => {
    const result = imported(fixture('dreamo-pipe'))
    expect(nodesOf(result)).toMatchObject({
      preset: ['model/preset', { version: 'v1', turbo: true }],
      'reference1-face': ['image/face-crop', { noFace: 'skip' }],
      reference2: ['dreamo/encode-reference', { task: 'ip', resolution: 512, slot: 2 }],
    })
    expect(defaults(result)).toMatchObject({ seed: '18446744073709551615', reference2: 'clothes/shirt.png', steps: 12 })
    expect(Object.values(result.comfyNodeOf.nodes).filter((id) => id === '6')).toHaveLength(9)
  })

  test('LoRAs that are no preset keep their weights, and embeddings come with the official file', () => {
    const file = fixture('dreamo-v1')
    for (const node of file.nodes as ComfyObject[]) {
      if (node.id === 44) node.widgets_values = ['dreamo_quality_lora_pos_comfyui.safetensors', 0.6]
      if (node.id === 41) node.widgets_values = ['style\\ink.safetensors', 0]
    }
    const result = imported(file)
    expect(Object.values(nodesOf(result)).filter((node) => Array.isArray(node) && node[0] === 'model/lora')).toEqual([
      ['model/lora', { file: 'DreamO/dreamo.safetensors', weight: 1 }],
      ['model/lora', { file: 'dreamo_cfg_distill_comfyui.safetensors', weight: 1 }],
      ['model/lora', { file: 'dreamo_quality_lora_pos_comfyui.safetensors', weight: 0.6 }],
      ['model/lora', { file: 'dreamo_quality_lora_neg_comfyui.safetensors', weight: -0.8 }],
    ])
    expect(linesOf(result, '41')).toEqual(['mapped nothing: its weight is 0'])
    expect(linesOf(result, '42')[0]).toContain('guessed model/lora: DreamO/dreamo.safetensors, since')
  })
})

describe('FLUX flows', () => {
  test('cfg above 1 is true CFG with the negative prompt; sampler, scheduler and emphasis are guessed', () => {
    const result = imported(fixture('flux-ksampler'))
    expect(nodesOf(result)).toMatchObject({
      sample: ['dreamo/sample', { trueCfg: 3 }],
      seeds: ['value/seed-list', { count: 2 }],
    })
    expect(feeds(result, 'dreamo/pack-conditions')).toEqual([
      'prompt.text -> conditions.text',
      'negative.text -> conditions.negative',
    ])
    expect(defaults(result)).toMatchObject({ prompt: 'a red fox (vulpes) in snow', negative: 'blurry' })
    expect(linesOf(result, '3').slice(0, 2)).toEqual([
      'guessed dreamo/sample: samples with euler, not with dpmpp_2m',
      'guessed dreamo/sample: has FLUX’s own schedule, ComfyUI’s simple, not normal',
    ])
    expect(result.workflow.outputs!.picture!.type).toBe('list<image>')
  })

  test('SamplerCustomAdvanced is put together again, notes stay', () => {
    const result = imported(fixture('flux-custom-sampler'))
    expect(defaults(result)).toMatchObject({
      steps: 25,
      seed: '770431232321334',
      width: 1216,
      prompt: 'a lighthouse in a storm',
    })
    expect(result.workflow.notes).toEqual([{ text: '## Storm', x: 0, y: -300 }])
    expect(result.comfyNodeOf.nodes).toMatchObject({ prompt: '20:6', sample: '19' })
  })

  test('a prompt keeps the layout and notes of the file it was made from', () => {
    const layout = fixture('dreamo-v1')
    const { workflow } = importComfy(promptOf(), catalogue, { layout, name: 'fox', model: 'mini' })
    expect(workflow).toMatchObject({ name: 'fox', notes: [{}], groups: [{}], inputs: { model: { default: 'mini' } } })
    expect(workflow.nodes.sample!.ui).toEqual({ x: 840, y: 0 })
  })

  test('names of files become the paths of whoever runs the flow', () => {
    const { workflow } = importComfy(fixture('dreamo-v1'), catalogue, {
      model: (asked) => (asked === 'flux1-dev.safetensors' ? 'flux-dev' : undefined),
      fileOf: (name, list) => `/data/${list}/${name}`,
    })
    expect(workflow.inputs).toMatchObject({
      model: { default: 'flux-dev' },
      reference1: { default: '/data/pictures/dog.png' },
    })
  })

  test('one value that feeds two nodes is one input', () => {
    const result = imported(
      promptOf({
        width: ['PrimitiveInt', { value: 768 }],
        size: ['EmptySD3LatentImage', { width: ['width', 0], height: ['width', 0], batch_size: 1 }],
      }),
    )
    expect(result.workflow.inputs!.width!.to).toHaveLength(2)
    expect(result.workflow.inputs).not.toHaveProperty('height')
  })

  test('KSamplerAdvanced counts as a KSampler where it does all steps', () => {
    const { seed, denoise, ...rest } = sampler
    const whole = {
      ...rest,
      add_noise: 'enable',
      noise_seed: seed,
      start_at_step: 0,
      end_at_step: 10_000,
      return_with_leftover_noise: 'disable',
    }
    expect(nodesOf(imported(promptOf({ sampler: ['KSamplerAdvanced', whole] })))).toHaveProperty('sample')
    const part = promptOf({ sampler: ['KSamplerAdvanced', { ...whole, end_at_step: 10 }] })
    expect(() => imported(part)).toThrow('it does some of the steps only')
    expect(denoise).toBe(1)
  })

  test('values out of our range are fitted and reported', () => {
    const result = imported(
      promptOf({
        sampler: ['KSampler', { ...sampler, steps: 5000, seed: '12', cfg: 'x' }],
        size: ['EmptyLatentImage', { width: 8200, height: 0 }],
      }),
    )
    expect(defaults(result)).toMatchObject({ steps: 1000, width: 8192, height: 16, seed: '12' })
    expect(linesOf(result, 'sampler')).toContain(
      'guessed dreamo/sample steps: takes 1 to 1000, so not all of what was asked for',
    )
    expect(linesOf(result, 'sampler')).toContain('guessed cfg: "x", taken as 8')
    expect(linesOf(result, 'size')).toContain('guessed batch_size: nothing was given, taken as 1')
  })

  test('seeds that a parser has rounded are told', () => {
    const result = imported(promptOf({ sampler: ['KSampler', { ...sampler, seed: 2 ** 60 }] }))
    expect(linesOf(result, 'sampler')[0]).toContain('read the file with parseComfy')
    expect(defaults(imported(promptOf({ sampler: ['KSampler', { ...sampler, seed: -1 }] }))).seed).toBe('0')
  })
})

describe('pictures and masks', () => {
  const withPicture = (nodes: Parameters<typeof promptOf>[0]) => {
    const load = { load: ['LoadImage', { image: 'in/cat.png [output]' }] } as const
    return imported(
      Object.fromEntries(
        Object.entries({ ...load, ...nodes }).map(([id, [class_type, inputs = {}]]) => [id, { class_type, inputs }]),
      ),
    )
  }
  const preview: ShortPrompt[string] = ['PreviewImage', { images: ['x', 0] }]

  test('masks of transparency are inverted where ComfyUI means the opposite', () => {
    const join = (alpha: string) =>
      withPicture({
        not: ['InvertMask', { mask: ['load', 1] }],
        x: ['JoinImageWithAlpha', { image: ['load', 0], alpha: [alpha, alpha === 'load' ? 1 : 0] }],
        end: preview,
      })
    expect(nodesOf(join('load'))).not.toHaveProperty('invert')
    expect(feeds(join('load'), 'image/apply-mask')).toContain('picture.mask -> cutout.mask')
    expect(feeds(join('not'), 'image/apply-mask')).toContain('invert.mask -> cutout.mask')
  })

  test('changes of pictures', () => {
    const result = withPicture({
      scale: ['ImageScale', { image: ['load', 0], upscale_method: 'bicubic', width: 640, height: 480, crop: 'center' }],
      crop: ['ImageCrop', { image: ['scale', 0], width: 64, height: 32, x: 1, y: 2 }],
      mask: ['ImageToMask', { image: ['crop', 0], channel: 'green' }],
      x: ['JoinImageWithAlpha', { image: ['crop', 0], alpha: ['mask', 0] }],
      end: preview,
    })
    expect(nodesOf(result)).toMatchObject({
      resize: ['image/resize', { width: 640, height: 480, filter: 'lanczos' }],
      crop: ['image/crop', { x: 1, y: 2, width: 64, height: 32 }],
      mask: ['mask/from-image', { channel: 'green' }],
    })
    expect(linesOf(result, 'scale')).toEqual([
      'mapped image/resize: ',
      'guessed image/resize: bicubic is done as lanczos',
      'guessed image/resize: stretches; ComfyUI cuts to the shape first, as image/crop before it would',
    ])
    expect(defaults(result)).toEqual({ image: 'in/cat.png' })
    expect(linesOf(result, 'load')[0]).toContain('of ComfyUI’s output folder')
  })

  test('what has no node here is left out as if it were bypassed, and says what would do', () => {
    const result = withPicture({
      by: ['ImageScaleBy', { image: ['load', 0], upscale_method: 'area', scale_by: 2 }],
      x: ['ImageInvert', { image: ['by', 0] }],
      end: preview,
    })
    expect(linesOf(result, 'by')).toEqual([
      'refused left out: resizing takes pixels here: ImageScale with a width and a height would be imported; its image goes on unchanged',
    ])
    expect(feeds(result, 'image/preview')).toEqual(['picture.image -> preview.image'])
  })

  test('a batch is a list, through everything behind it', () => {
    const result = withPicture({
      second: ['LoadImageMask', { image: 'dog.png', channel: 'alpha' }],
      both: ['ImageBatch', { image1: ['load', 0], image2: ['load', 0] }],
      x: ['JoinImageWithAlpha', { image: ['both', 0], alpha: ['second', 0] }],
      end: preview,
    })
    expect(result.workflow.outputs!.picture!.type).toBe('list<image>')
  })

  test('through the autoencoder and back', () => {
    const result = withPicture({
      vae: ['VAELoader', { vae_name: 'ae.safetensors' }],
      encode: ['VAEEncode', { pixels: ['load', 0], vae: ['vae', 0] }],
      x: ['VAEDecode', { samples: ['encode', 0], vae: ['vae', 0] }],
      end: preview,
    })
    expect(Object.values(nodesOf(result))).toEqual(
      expect.arrayContaining(['model/load', 'vae/encode', 'vae/decode', 'image/preview']),
    )
  })
})

test('events can be told in the ids of ComfyUI', () => {
  const { comfyNodeOf } = imported(fixture('dreamo-v1'))
  expect(comfyNodeOf.nodes).toMatchObject({ sample: '31', decode: '8', 'reference1-cutout': '55', preset: '42' })
  expect(comfyNodeOf.pictures).toEqual([
    {
      comfyNode: '9',
      kind: 'saved',
      node: 'save',
      from: { node: 'decode', socket: 'image' },
      isList: false,
      output: 'picture',
    },
    {
      comfyNode: '56',
      kind: 'shown',
      node: 'preview',
      from: { node: 'reference1', socket: 'prepared' },
      isList: false,
    },
  ])
})
