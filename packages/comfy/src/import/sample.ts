/** One sampling of a flow as nodes of ours: model, texts, references, noise, sampler. */
import { makeModel } from './models.js'
import { placeReferences } from './references.js'
import { makeText } from './texts.js'
import type { EmptyLatent, Guider, Origin, Setting, ValueOf } from './values.js'
import type { Work } from './work.js'

/** What FLUX is guided by where a flow says nothing. */
const defaultGuidance = 3.5

export interface Sampling {
  readonly origin: Origin
  readonly guider: Guider
  readonly latent: EmptyLatent
  readonly seed: Setting<string>
  readonly steps: Setting<number>
}

/** Adds the nodes and gives the latents. */
export function makeSample(work: Work, { origin, guider, latent, seed, steps }: Sampling): ValueOf<'latent'> {
  const { draft } = work
  const { recipe, positive, negative, cfg } = guider
  const model = makeModel(work, recipe)
  const usesNegative = negative !== undefined && cfg > 1
  const conditions = draft.add('dreamo/pack-conditions', 'conditions', recipe.references[0] ?? origin)
  const text = makeText(work, positive.text, model, 'prompt')
  draft.link({ node: text, socket: 'text' }, { node: conditions, socket: 'text' })
  if (usesNegative) {
    const against = makeText(work, negative.text, model, 'negative')
    draft.link({ node: against, socket: 'text' }, { node: conditions, socket: 'negative' })
  } else if (negative) work.excuse(negative.text, 'cfg 1 uses no negative prompt')
  const references = placeReferences(work, recipe, { model, seed })
  for (const [index, reference] of references.entries()) {
    draft.link({ node: reference, socket: 'reference' }, { node: conditions, socket: 'references' }, index + 1)
  }

  const sample = draft.add('dreamo/sample', 'sample', origin)
  draft.link({ node: model, socket: 'model' }, { node: sample, socket: 'model' })
  draft.link({ node: conditions, socket: 'conditions' }, { node: sample, socket: 'conditions' })
  draft.link({ node: makeNoise(work, latent, seed), socket: 'latent' }, { node: sample, socket: 'noise' })
  const guidance = positive.guidance ?? { value: defaultGuidance, key: `${origin.id}.guidance` }
  const wish = { type: 'int', name: 'steps', title: 'Steps', key: steps.key, default: steps.value }
  draft.declare(wish, sample, 'steps')
  draft.declare(
    { ...wish, type: 'float', name: 'guidance', title: 'Guidance', key: guidance.key, default: guidance.value },
    sample,
    'guidance',
  )
  if (usesNegative) {
    draft.setParam(sample, 'trueCfg', cfg)
    if (negative.guidance) draft.setParam(sample, 'negativeGuidance', negative.guidance.value)
  }
  reportSample(work, { origin, guider, latent, seed, steps })
  return {
    kind: 'latent',
    latent: { of: 'samples', socket: { node: sample, socket: 'latent' }, model, isList: latent.batch > 1 },
  }
}

function makeNoise(work: Work, latent: EmptyLatent, seed: Setting<string>): string {
  const { draft } = work
  const { batch } = latent
  const noise = draft.add('latent/noise', 'noise', latent)
  const size = { type: 'int' }
  const { width, height } = latent
  draft.declare({ ...size, name: 'width', title: 'Width', key: width.key, default: width.value }, noise, 'width')
  draft.declare({ ...size, name: 'height', title: 'Height', key: height.key, default: height.value }, noise, 'height')
  const wish = { key: seed.key, name: 'seed', type: 'seed', default: seed.value, title: 'Seed' }
  if (batch === 1) {
    draft.declare(wish, noise, 'seed')
    work.report.say('mapped', latent, 'latent/noise')
    return noise
  }
  const seeds = draft.add('value/seed-list', 'seeds', latent, { count: batch })
  draft.declare(wish, seeds, 'start')
  draft.link({ node: seeds, socket: 'seeds' }, { node: noise, socket: 'seed' })
  work.report.say(
    'guessed',
    latent,
    'latent/noise',
    `a batch of ${batch} becomes ${batch} seeds, from the given one on`,
  )
  return noise
}

function reportSample({ report }: Work, { origin, guider, latent }: Sampling): void {
  const { recipe, negative, cfg } = guider
  report.say('mapped', origin, 'dreamo/sample', 'a seed draws other noise here than in ComfyUI')
  if (cfg > 1 && !negative)
    report.say('guessed', origin, 'true CFG', `cfg ${cfg} needs a negative prompt, and none was imported`)
  if (cfg < 1) report.say('guessed', origin, 'true CFG', `cfg ${cfg} is taken as 1`)
  const hasDreamO = recipe.loras.some(({ role }) => role === 'dreamo')
  if (recipe.references.length > 0 && !hasDreamO) {
    report.say(
      'guessed',
      origin,
      'dreamo/sample',
      'the model has references and no DreamO on it: put a model/preset behind it',
    )
  }
  const isUsualSize = latent.width.value === 1024 && latent.height.value === 1024
  if (!recipe.shiftsBySize && !isUsualSize) {
    const why = 'the schedule fits the size, as DreamO does it and ComfyUI only with ModelSamplingFlux'
    report.say('guessed', origin, 'dreamo/sample', why)
  }
}
