/** Classes of latents, and those that sample: KSampler, and the parts that SamplerCustomAdvanced is put together from. */
import { type ClassDeclaration, choice, float, int, link, maxSide, oneOf, seed } from './declaration.js'

const side = int({ default: 1024, min: 16, max: maxSide, step: 8 })
const steps = int({ default: 20, min: 1, max: 10_000 })
const cfg = float({ default: 8, min: 0, max: 100, step: 0.1, round: 0.01 })
const denoise = float({ default: 1, min: 0, max: 1, step: 0.01 })
const batch_size = int({ default: 1, min: 1, max: 4096 })

export const latentClasses: Readonly<Record<string, ClassDeclaration>> = {
  EmptyLatentImage: {
    title: 'Empty Latent Image',
    category: 'latent',
    inputs: { width: side, height: side, batch_size },
    outputs: [['LATENT', 'LATENT']],
  },
  EmptySD3LatentImage: {
    title: 'EmptySD3LatentImage',
    category: 'latent/sd3',
    inputs: { width: side, height: side, batch_size },
    outputs: [['LATENT', 'LATENT']],
  },
  VAEDecode: {
    title: 'VAE Decode',
    category: 'latent',
    inputs: { samples: link('LATENT'), vae: link('VAE') },
    outputs: [['IMAGE', 'IMAGE']],
  },
  VAEEncode: {
    title: 'VAE Encode',
    category: 'latent',
    inputs: { pixels: link('IMAGE'), vae: link('VAE') },
    outputs: [['LATENT', 'LATENT']],
  },
}

export const samplingClasses: Readonly<Record<string, ClassDeclaration>> = {
  KSampler: {
    title: 'KSampler',
    category: 'sampling',
    inputs: {
      model: link('MODEL'),
      seed: seed(),
      steps,
      cfg,
      sampler_name: oneOf('samplers'),
      scheduler: oneOf('schedulers'),
      positive: link('CONDITIONING'),
      negative: link('CONDITIONING'),
      latent_image: link('LATENT'),
      denoise,
    },
    outputs: [['LATENT', 'LATENT']],
  },
  KSamplerAdvanced: {
    title: 'KSampler (Advanced)',
    category: 'sampling',
    inputs: {
      model: link('MODEL'),
      add_noise: choice('enable', 'disable'),
      noise_seed: seed(),
      steps,
      cfg,
      sampler_name: oneOf('samplers'),
      scheduler: oneOf('schedulers'),
      positive: link('CONDITIONING'),
      negative: link('CONDITIONING'),
      latent_image: link('LATENT'),
      start_at_step: int({ default: 0, min: 0, max: 10_000 }),
      end_at_step: int({ default: 10_000, min: 0, max: 10_000 }),
      return_with_leftover_noise: choice('disable', 'enable'),
    },
    outputs: [['LATENT', 'LATENT']],
  },
  SamplerCustomAdvanced: {
    title: 'SamplerCustomAdvanced',
    category: 'sampling/custom_sampling',
    inputs: {
      noise: link('NOISE'),
      guider: link('GUIDER'),
      sampler: link('SAMPLER'),
      sigmas: link('SIGMAS'),
      latent_image: link('LATENT'),
    },
    outputs: [
      ['output', 'LATENT'],
      ['denoised_output', 'LATENT'],
    ],
  },
  BasicGuider: {
    title: 'BasicGuider',
    category: 'sampling/custom_sampling/guiders',
    inputs: { model: link('MODEL'), conditioning: link('CONDITIONING') },
    outputs: [['GUIDER', 'GUIDER']],
  },
  CFGGuider: {
    title: 'CFGGuider',
    category: 'sampling/custom_sampling/guiders',
    inputs: { model: link('MODEL'), positive: link('CONDITIONING'), negative: link('CONDITIONING'), cfg },
    outputs: [['GUIDER', 'GUIDER']],
  },
  RandomNoise: {
    title: 'RandomNoise',
    category: 'sampling/custom_sampling/noise',
    inputs: { noise_seed: seed() },
    outputs: [['NOISE', 'NOISE']],
  },
  KSamplerSelect: {
    title: 'KSamplerSelect',
    category: 'sampling/custom_sampling/samplers',
    inputs: { sampler_name: oneOf('samplers') },
    outputs: [['SAMPLER', 'SAMPLER']],
  },
  BasicScheduler: {
    title: 'BasicScheduler',
    category: 'sampling/custom_sampling/schedulers',
    inputs: { model: link('MODEL'), scheduler: oneOf('schedulers'), steps, denoise },
    outputs: [['SIGMAS', 'SIGMAS']],
  },
  ModelSamplingFlux: {
    title: 'ModelSamplingFlux',
    category: 'advanced/model',
    inputs: {
      model: link('MODEL'),
      max_shift: float({ default: 1.15, min: 0, max: 100, step: 0.01 }),
      base_shift: float({ default: 0.5, min: 0, max: 100, step: 0.01 }),
      width: side,
      height: side,
    },
    outputs: [['MODEL', 'MODEL']],
  },
}
