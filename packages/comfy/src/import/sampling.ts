/** Samplers, and the parts of SamplerCustomAdvanced: noise, guider, sampler, sigmas. */
import type { NodeView } from './node-view.js'
import { makeSample } from './sample.js'
import type { EmptyLatent, Guider, LatentValue, Outputs, Setting } from './values.js'
import { nothing, type Translate, type Work } from './work.js'

const emptyLatent: Translate = (node) => {
  const { id, class: type } = node
  const [width, height] = [node.int('width'), node.int('height')]
  const batch = Math.max(1, node.int('batch_size').value)
  return [{ kind: 'latent', latent: { of: 'nothing', id, class: type, width, height, batch } }]
}

const kSampler: Translate = (node, work) => {
  const guider = guiderOf(node)
  const latent = node.need('latent_image', 'latent')
  if (!guider || !latent) return nothing
  checkNames(node, { sampler: node.text('sampler_name').value, scheduler: node.text('scheduler').value })
  return sampled(node, work, {
    guider,
    latent: latent.latent,
    denoise: node.float('denoise').value,
    seed: node.seed('seed'),
    steps: node.int('steps'),
  })
}

/** Imported where it does all that a KSampler does, and not a part of it. */
const kSamplerAdvanced: Translate = (node, work) => {
  const guider = guiderOf(node)
  const latent = node.need('latent_image', 'latent')
  if (!guider || !latent) return nothing
  const steps = node.int('steps')
  const isWhole =
    node.text('add_noise').value === 'enable' &&
    node.int('start_at_step').value === 0 &&
    node.int('end_at_step').value >= steps.value &&
    node.text('return_with_leftover_noise').value === 'disable'
  if (!isWhole) {
    node.say('refused', 'left out', 'it does some of the steps only; one KSampler for all of them would be imported')
    return nothing
  }
  checkNames(node, { sampler: node.text('sampler_name').value, scheduler: node.text('scheduler').value })
  return sampled(node, work, { guider, latent: latent.latent, denoise: 1, seed: node.seed('noise_seed'), steps })
}

const samplerCustomAdvanced: Translate = (node, work) => {
  const [noise, guider, sigmas] = [
    node.need('noise', 'noise'),
    node.need('guider', 'guider'),
    node.need('sigmas', 'sigmas'),
  ]
  const latent = node.need('latent_image', 'latent')
  if (!noise || !guider || !sigmas || !latent) return nothing
  checkNames(node, { sampler: node.take('sampler', 'sampler')?.name ?? 'euler', scheduler: sigmas.scheduler })
  const { steps, denoise } = sigmas
  return sampled(node, work, { guider: guider.guider, latent: latent.latent, denoise, seed: noise.seed, steps })
}

const basicGuider: Translate = (node) => {
  const [model, positive] = [node.need('model', 'model'), node.need('conditioning', 'conditioning')]
  if (!model || !positive) return nothing
  node.say('mapped', 'dreamo/sample')
  return [{ kind: 'guider', guider: { recipe: model.recipe, positive, cfg: 1 } }]
}

const cfgGuider: Translate = (node) => {
  const guider = guiderOf(node)
  if (!guider) return nothing
  node.say('mapped', 'dreamo/sample')
  return [{ kind: 'guider', guider }]
}

export const samplingTranslators: Readonly<Record<string, Translate>> = {
  EmptyLatentImage: emptyLatent,
  EmptySD3LatentImage: emptyLatent,
  KSampler: kSampler,
  KSamplerAdvanced: kSamplerAdvanced,
  SamplerCustomAdvanced: samplerCustomAdvanced,
  BasicGuider: basicGuider,
  CFGGuider: cfgGuider,
  RandomNoise: (node) => {
    node.say('mapped', 'input seed')
    return [{ kind: 'noise', seed: node.seed('noise_seed') }]
  },
  KSamplerSelect: (node) => {
    node.say('mapped', 'dreamo/sample')
    return [{ kind: 'sampler', name: node.text('sampler_name').value }]
  },
  BasicScheduler: (node) => {
    node.say('mapped', 'input steps')
    const scheduler = node.text('scheduler').value
    return [{ kind: 'sigmas', steps: node.int('steps'), scheduler, denoise: node.float('denoise').value }]
  },
}

/** model, positive, negative and cfg of a node that has them all. */
function guiderOf(node: NodeView): Guider | undefined {
  const [model, positive] = [node.need('model', 'model'), node.need('positive', 'conditioning')]
  if (!model || !positive) return undefined
  return {
    recipe: model.recipe,
    positive,
    negative: node.take('negative', 'conditioning'),
    cfg: node.float('cfg').value,
  }
}

function checkNames(node: NodeView, { sampler, scheduler }: { sampler: string; scheduler: string }): void {
  if (sampler !== 'euler') node.say('guessed', 'dreamo/sample', `samples with euler, not with ${sampler || 'none'}`)
  if (scheduler !== 'simple') {
    node.say('guessed', 'dreamo/sample', `has FLUX’s own schedule, ComfyUI’s simple, not ${scheduler || 'none'}`)
  }
}

interface Whole {
  readonly guider: Guider
  readonly latent: LatentValue
  readonly denoise: number
  readonly seed: Setting<string>
  readonly steps: Setting<number>
}

function sampled(node: NodeView, work: Work, { guider, latent, denoise, seed, steps }: Whole): Outputs {
  if (latent.of === 'samples') {
    node.say(
      'refused',
      'left out',
      'a second pass over samples, which go on unchanged; one pass in the final size would be imported',
    )
    return [
      { kind: 'latent', latent },
      { kind: 'latent', latent },
    ]
  }
  const empty = emptyOf(node, latent, denoise)
  if (!empty) return nothing
  const origin = { id: node.id, class: node.class }
  const samples = makeSample(work, { origin, guider, latent: empty, seed, steps })
  return [samples, samples]
}

/** The size to paint in; undefined, with a reason in the report, where sampling starts from more than noise. */
function emptyOf(
  node: NodeView,
  latent: Exclude<LatentValue, { of: 'samples' }>,
  denoise: number,
): EmptyLatent | undefined {
  const refuse = (why: string): undefined => node.say('refused', 'left out', why) as undefined
  if (latent.of === 'reference') return refuse('DreamO’s reference latents go into ApplyDreamO, not into a sampler')
  if (latent.of === 'picture' && denoise < 1) {
    return refuse(`painting over a picture (denoise ${denoise}); a DreamO reference, or denoise 1, would be imported`)
  }
  if (denoise < 1) node.say('guessed', 'dreamo/sample', `denoise ${denoise} of an empty latent is taken as 1`)
  if (latent.of === 'nothing') return latent
  const side = (name: string) => ({ value: 1024, key: `${node.id}.${name}` })
  node.say(
    'guessed',
    'latent/noise',
    'in the size of a picture that is not known yet: 1024 × 1024, see inputs width and height',
  )
  return { id: latent.id, class: latent.class, width: side('width'), height: side('height'), batch: 1 }
}
