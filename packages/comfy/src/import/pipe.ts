/** The second pack: one node that prepares, samples and decodes. Its stack is that of DreamO v1. */
import { withLora } from './models.js'
import type { NodeView } from './node-view.js'
import { makeReference, taskOf } from './references.js'
import { makeSample } from './sample.js'
import type { LoraRole, LoraUse, ModelRecipe, ReferenceUse } from './values.js'
import { nothing, type Translate, type Work } from './work.js'

/** What the pack adds, at the weights written into its code. */
const stack: readonly (readonly [field: string, role: LoraRole, weight: number])[] = [
  ['dreamo_lora', 'dreamo', 1],
  ['dreamo_cfg_distill', 'cfg_distill', 1],
  ['turbo_lora', 'turbo', 1],
  ['quality_lora_pos', 'quality_pos', 0.15],
  ['quality_lora_neg', 'quality_neg', -0.8],
]

const loadModel: Translate = (node, work) => {
  const isLocal = node.class === 'DreamOLoadModelFromLocal'
  const folder = isLocal ? node.text('flux_model_path').value.replaceAll('\\', '/') : ''
  const base = { id: node.id, class: node.class, asked: folder || 'black-forest-labs/FLUX.1-dev', folder }
  work.firstBase ??= base
  let recipe: ModelRecipe = { base, loras: [], references: [], shiftsBySize: true }
  for (const [field, role, weight] of stack) {
    const file = node.text(field).value
    const lora: LoraUse = { id: node.id, class: node.class, file, weight, role }
    if (file !== '' && file !== 'None') recipe = withLora(recipe, lora)
  }
  if (!isLocal) node.say('mapped', 'nothing', 'hf_token is not taken over: models lie on this machine')
  return [{ kind: 'pipe', recipe }]
}

const generate: Translate = (node, work) => {
  const pipe = node.need('pipe', 'pipe')
  if (!pipe) return nothing
  const origin = { id: node.id, class: node.class }
  const references = [1, 2].flatMap((slot) => referenceOf(node, work, slot) ?? [])
  const recipe = { ...pipe.recipe, references }
  const { latent } = makeSample(work, {
    origin,
    guider: {
      recipe,
      positive: { text: { ...origin, text: node.text('prompt') }, guidance: node.float('guidance') },
      cfg: 1,
    },
    latent: { ...origin, width: node.int('width'), height: node.int('height'), batch: 1 },
    seed: node.seed('seed'),
    steps: node.int('num_steps'),
  })
  if (latent.of !== 'samples') throw new Error('internal: import: sampling gave no samples')
  const id = work.draft.add('vae/decode', 'decode', node)
  work.draft.link({ node: latent.model, socket: 'model' }, { node: id, socket: 'model' })
  work.draft.link(latent.socket, { node: id, socket: 'latent' })
  return [{ kind: 'image', socket: { node: id, socket: 'image' }, isList: latent.isList }]
}

function referenceOf(node: NodeView, work: Work, slot: number): ReferenceUse | undefined {
  const name = `ref_image${slot}`
  if (!node.isGiven(name)) return undefined
  const image = node.take(name, 'image')
  if (!image || image.isList) {
    node.say('refused', `${name} left out`, image ? 'a reference is one picture' : 'what feeds it was not imported')
    return undefined
  }
  const plan = makeReference(work, node, {
    image: image.socket,
    task: taskOf(node, `ref_task${slot}`),
    resolution: 512,
    noFace: 'skip',
    slot,
  })
  return { id: node.id, class: node.class, slot, plan }
}

const helper =
  (type: string): Translate =>
  (node) => {
    node.say('mapped', type, 'finds its model by itself')
    return [{ kind: 'helper' }]
  }

export const pipeTranslators: Readonly<Record<string, Translate>> = {
  DreamOLoadModel: loadModel,
  DreamOLoadModelFromLocal: loadModel,
  BgRmModelLoad: helper('image/remove-background'),
  FaceModelLoad: helper('image/face-crop'),
  DreamOGenerate: generate,
}
