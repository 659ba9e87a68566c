/** Loaders and LoRAs: a model of ours is one input by name, with a preset and LoRAs on it. */
import { comfyClasses } from '../classes/index.js'
import { recognise, roleOf } from './lora-stack.js'
import { refusalOf } from './refusals.js'
import type { BaseModel, LoraUse, ModelRecipe, Origin, Value } from './values.js'
import { nothing, type Translate, type Work } from './work.js'

const clip: Value = { kind: 'clip' }
const vae: Value = { kind: 'vae' }

function modelOf(base: BaseModel, work: Work): Value {
  work.firstBase ??= base
  return { kind: 'model', recipe: { base, loras: [], references: [], shiftsBySize: false } }
}

const partOf =
  (part: Value, words: string): Translate =>
  (node) => {
    const file = node.firstText()
    node.say('mapped', 'input model', `${words}${file && ` such as ${file}`} come with the model`)
    return [part]
  }

const loader =
  (field: string, ...more: readonly Value[]): Translate =>
  (node, work) => {
    const asked = node.text(field).value
    return [modelOf({ id: node.id, class: node.class, asked }, work), ...more]
  }

const loraLoader: Translate = (node) => {
  const model = node.need('model', 'model')
  if (!model) return [undefined, clip]
  const lora = {
    id: node.id,
    class: node.class,
    file: node.text('lora_name').value,
    weight: node.float('strength_model').value,
  }
  if (node.isGiven('strength_clip') && node.float('strength_clip').value !== 0) {
    node.say('guessed', 'model/lora', 'LoRAs go on the transformer here, not on CLIP')
  }
  return [{ kind: 'model', recipe: withLora(model.recipe, lora) }, clip]
}

/** The recipe with one LoRA more. */
export function withLora(recipe: ModelRecipe, lora: LoraUse): ModelRecipe {
  return { ...recipe, loras: [...recipe.loras, { ...lora, role: lora.role ?? roleOf(lora.file) }] }
}

const modelSamplingFlux: Translate = (node) => {
  const model = node.need('model', 'model')
  if (!model) return nothing
  const [max, base] = [node.float('max_shift').value, node.float('base_shift').value]
  if (max === 1.15 && base === 0.5) node.say('mapped', 'dreamo/sample', 'the schedule fits the size by itself')
  else node.say('guessed', 'dreamo/sample', `shifts by 0.5 to 1.15 with the size, not by ${base} to ${max}`)
  return [{ kind: 'model', recipe: { ...model.recipe, shiftsBySize: true } }]
}

export const modelTranslators: Readonly<Record<string, Translate>> = {
  UNETLoader: loader('unet_name'),
  CheckpointLoaderSimple: loader('ckpt_name', clip, vae),
  DualCLIPLoader: partOf(clip, 'text encoders'),
  CLIPLoader: partOf(clip, 'text encoders'),
  VAELoader: partOf(vae, 'autoencoders'),
  LoraLoader: loraLoader,
  LoraLoaderModelOnly: loraLoader,
  ModelSamplingFlux: modelSamplingFlux,
}

/** Our node that gives the model with all its LoRAs. */
export function makeModel(work: Work, { base, loras }: ModelRecipe): string {
  return work.once(`model ${base.id} ${JSON.stringify(loras)}`, () => {
    const { preset, members, others } = recognise(loras)
    let last = makeBase(work, base)
    if (preset) {
      const id = work.draft.add('model/preset', 'preset', members[0]!.lora, { ...preset })
      work.draft.link({ node: last, socket: 'model' }, { node: id, socket: 'model' })
      for (const { lora, published } of members) reportMember(work, lora, published, preset.version)
      last = id
    }
    for (const lora of others) last = addLora(work, lora, last)
    return last
  })
}

function makeBase(work: Work, base: BaseModel): string {
  return work.once(`base ${base.id}`, () => {
    const id = work.draft.add('model/load', 'model', base)
    const byDefault = base.folder || work.modelFor(base.asked)
    const wish = {
      key: `${base.id}.model`,
      name: 'model',
      type: 'text',
      default: byDefault,
      title: 'Model',
      description: 'A model folder, or a name from `dreamgraph models list`.',
    }
    work.draft.declare(wish, id, 'model')
    reportBase(work, base, byDefault)
    return id
  })
}

function reportBase({ report }: Work, base: BaseModel, byDefault: string): void {
  const { asked } = base
  const why = asked === '' ? `default ${byDefault}` : `asks for ${asked}; default ${byDefault}`
  const isFluxDev = asked === '' || /flux[-_.]?1?[-_. ]?dev/i.test(asked)
  if (!comfyClasses.has(base.class)) report.say('guessed', base, 'input model', refusalOf(base.class, why))
  else if (isFluxDev) report.say('mapped', base, 'input model', why)
  else report.say('guessed', base, 'input model', `${why}; only FLUX.1-dev and its like run here`)
}

/** Any model of the flow, for what needs no more than its autoencoder. */
export function anyModel(work: Work, origin: Origin): string {
  return makeBase(work, work.firstBase ?? { id: origin.id, class: origin.class, asked: '' })
}

function reportMember({ report }: Work, lora: LoraUse, published: number, version: string): void {
  if (lora.weight === published) report.say('mapped', lora, `model/preset ${version}`, `${lora.file} at ${published}`)
  else
    report.say(
      'guessed',
      lora,
      `model/preset ${version}`,
      `${lora.file} at ${published} there, ${lora.weight} in the flow`,
    )
}

/** ComfyUI's file of DreamO lacks the embeddings, which lie in a file of their own that no node names. */
const withoutEmbeddings = /(^|\/)dreamo_comfyui\.safetensors$/i
const official = 'DreamO/dreamo.safetensors'

function addLora(work: Work, lora: LoraUse, model: string): string {
  const { draft, report } = work
  if (lora.weight === 0 || lora.file === '') {
    report.say('mapped', lora, 'nothing', lora.file === '' ? 'it names no file' : 'its weight is 0')
    return model
  }
  const isSplit = withoutEmbeddings.test(lora.file)
  const file = isSplit ? official : work.fileOf(lora.file, 'loras')
  const id = draft.add('model/lora', 'lora', lora, { file, weight: lora.weight })
  draft.link({ node: model, socket: 'model' }, { node: id, socket: 'model' })
  if (isSplit) report.say('guessed', lora, 'model/lora', `${file}, since ${lora.file} has no embeddings for references`)
  else report.say('mapped', lora, 'model/lora', `${file} at ${lora.weight}, looked for beside the workflow`)
  return id
}
