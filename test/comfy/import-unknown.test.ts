// Nodes and flows of ComfyUI that have no place here: what is left out, guessed or refused, and how that is told.
import { expect, test } from 'vitest'
import { defaults, feeds, imported, linesOf, nodesOf, promptOf, sampler } from './flow.js'

test('unknown nodes in a chain are left out, positive and negative told apart', () => {
  const result = imported(
    promptOf({
      control: ['ControlNetApplyAdvanced', { positive: ['text', 0], negative: ['not', 0], strength: 1 }],
      sampler: ['KSampler', { ...sampler, cfg: 2, positive: ['control', 0], negative: ['control', 1] }],
    }),
  )
  expect(defaults(result)).toMatchObject({ prompt: 'a fox', negative: 'blurry' })
  expect(linesOf(result, 'control')).toEqual([
    'refused left out: there is no control net here; a DreamO reference takes over a subject or a style; its conditioning goes on unchanged',
  ])
})

test('unknown loaders and text encoders are taken for what they stand for', () => {
  const result = imported(
    promptOf({
      unet: ['UnetLoaderGGUF', { unet_name: 'flux1-dev-Q8_0.gguf' }],
      text: ['BetterTextEncode', { prompt: 'a wolf', clip: ['clip', 0] }],
    }),
  )
  expect(defaults(result)).toMatchObject({ prompt: 'a wolf', model: 'FLUX.1-dev' })
  expect(linesOf(result, 'unet')[0]).toContain('guessed input model: GGUF files are not read')
  expect(linesOf(result, 'text')[0]).toContain('guessed dreamo/encode-text')
})

test('a second pass is left out and the first one stays', () => {
  const result = imported(
    promptOf({
      up: ['LatentUpscaleBy', { samples: ['sampler', 0], scale_by: 1.5 }],
      again: ['KSampler', { ...sampler, latent_image: ['up', 0], denoise: 0.5 }],
      decode: ['VAEDecode', { samples: ['again', 0], vae: ['vae', 0] }],
    }),
  )
  expect(linesOf(result, 'again')[0]).toContain('refused left out: a second pass')
  expect(feeds(result, 'vae/decode')).toContain('sample.latent -> decode.latent')
})

test('painting over a picture is refused with the reason', () => {
  const over = promptOf({
    load: ['LoadImage', { image: 'a.png' }],
    size: ['VAEEncode', { pixels: ['load', 0], vae: ['vae', 0] }],
    sampler: ['KSampler', { ...sampler, denoise: 0.6 }],
  })
  expect(() => imported(over)).toThrow('painting over a picture (denoise 0.6)')
})

test('a flow without an end that we know gets one', () => {
  const result = imported(promptOf({ save: ['SaverOfPictures', { images: ['decode', 0] }] }))
  expect(feeds(result, 'image/save')).toEqual(['decode.image -> save.image'])
  expect(linesOf(result, 'save')).toContain(
    'guessed image/save: no node that we know saves or shows a picture, so the last one is saved',
  )
})

test('nodes that lead nowhere are told', () => {
  const result = imported(promptOf({ spare: ['LoadImage', { image: 'a.png' }], group: ['workflow>mine'] }))
  expect(linesOf(result, 'spare')).toEqual([
    'refused left out: it leads to no picture that is saved or shown and could be imported',
  ])
  expect(linesOf(result, 'group')[0]).toContain('a group node of an older ComfyUI')
  expect(nodesOf(result)).not.toHaveProperty('picture')
})

test('cycles and empty flows are errors with a path', () => {
  const cycle = promptOf({ text: ['FluxGuidance', { conditioning: ['text', 0] }] })
  expect(() => imported(cycle)).toThrow('ComfyUI file /text: expected links without a cycle, got "text → text"')
  expect(() => imported({ nodes: [] })).toThrow('got nothing that can be imported')
  const chain = Object.fromEntries(
    Array.from(
      { length: 1200 },
      (_, at) => [`g${at}`, ['FluxGuidance', { conditioning: [at === 0 ? 'not' : `g${at - 1}`, 0] }]] as const,
    ),
  )
  expect(() => imported(promptOf({ ...chain, text: ['FluxGuidance', { conditioning: ['g1199', 0] }] }))).toThrow(
    'at most 1000',
  )
})
