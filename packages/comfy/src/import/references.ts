/** References of DreamO: a picture prepared for its task, encoded, in a slot. */
import type { NodeView } from './node-view.js'
import type { ModelRecipe, ReferencePlan, ReferenceUse, Setting, Socket } from './values.js'
import { nothing, type Translate, type Work } from './work.js'

export type ReferenceTask = 'ip' | 'id' | 'style'

const refEncode: Translate = (node, work) => {
  const image = node.need('pixels', 'image')
  if (!image) return nothing
  if (image.isList) {
    node.say('refused', 'left out', 'a reference is one picture, and several come in; link one of them')
    return nothing
  }
  const task = taskOf(node, 'ref_task')
  const plan = makeReference(work, node, {
    image: image.socket,
    task,
    resolution: node.int('resolution').value,
    noFace: 'treat-as-ip',
    slot: work.places.slots.get(node.id),
  })
  const how = {
    ip: 'after image/remove-background',
    id: 'after image/face-crop; where there is no face, the whole picture counts as a subject',
    style: 'the whole picture',
  }[task]
  node.say('mapped', 'dreamo/encode-reference', how)
  return [
    { kind: 'latent', latent: { of: 'reference', plan } },
    { kind: 'image', socket: { node: plan.node, socket: 'prepared' }, isList: task === 'id' },
  ]
}

const applyDreamO: Translate = (node) => {
  const model = node.need('model', 'model')
  if (!model) return nothing
  const references: ReferenceUse[] = []
  for (const name of ['ref1', 'ref2', 'ref3']) {
    if (!node.isGiven(name)) continue
    const latent = node.take(name, 'latent')?.latent
    if (latent?.of === 'reference') {
      const slot = references.length + 1
      references.push({ id: node.id, class: node.class, slot, plan: latent.plan })
      // ComfyUI counts the references that are there, not the inputs.
      if (name !== `ref${slot}`)
        node.say('guessed', `slot ${slot}`, `${name} counts as reference ${slot}, since one before it is empty`)
    } else node.say('refused', `${name} left out`, 'only DreamORefEncode makes references')
  }
  node.say('mapped', 'dreamo/pack-conditions', `${references.length} of at most 3 references`)
  if (model.recipe.references.length > 0)
    node.say('guessed', 'dreamo/pack-conditions', 'replaces the references before it')
  return [{ kind: 'model', recipe: { ...model.recipe, references } }]
}

export const referenceTranslators: Readonly<Record<string, Translate>> = {
  DreamOProcessorLoader: (node) => {
    node.say('mapped', 'image/remove-background, image/face-crop', 'these find their models by themselves')
    return [{ kind: 'helper' }]
  },
  DreamORefEncode: refEncode,
  ApplyDreamO: applyDreamO,
}

/** The task that an input names. */
export function taskOf(node: NodeView, name: string): ReferenceTask {
  const { value } = node.text(name)
  if (value === 'ip' || value === 'id' || value === 'style') return value
  node.say('guessed', name, `${JSON.stringify(value)} is no task, taken as ip`)
  return 'ip'
}

export interface ReferenceWish {
  readonly image: Socket
  readonly task: ReferenceTask
  readonly resolution: number
  readonly noFace: 'treat-as-ip' | 'skip'
  readonly slot: number | undefined
}

/** Adds our nodes for one reference, in no slot yet. */
export function makeReference({ draft }: Work, origin: NodeView, wish: ReferenceWish): ReferencePlan {
  const { image, task, resolution } = wish
  const name = wish.slot === undefined ? 'reference' : `reference${wish.slot}`
  const node = { id: origin.id, class: origin.class }
  const face = task === 'id' ? draft.add('image/face-crop', `${name}-face`, node, { noFace: wish.noFace }) : undefined
  const cutout =
    task === 'ip' ? draft.add('image/remove-background', `${name}-cutout`, node, { method: 'auto' }) : undefined
  const before = face ?? cutout
  if (before) draft.link(image, { node: before, socket: 'image' })
  const again = (): string => {
    const id = draft.add('dreamo/encode-reference', name, node, face ? { resolution } : { task, resolution })
    draft.link(face ? { node: face, socket: 'image' } : image, { node: id, socket: 'image' })
    if (before) draft.link({ node: before, socket: 'mask' }, { node: id, socket: 'mask' })
    if (face) draft.link({ node: face, socket: 'task' }, { node: id, socket: 'task' })
    return id
  }
  return { ...node, node: again(), again }
}

/** Puts the references of a model into their slots and returns our nodes for them. */
export function placeReferences(
  work: Work,
  { references }: ModelRecipe,
  { model, seed }: { model: string; seed: Setting<string> },
): string[] {
  const { draft } = work
  return references.map(({ slot, plan }) =>
    work.once(`reference ${plan.node} ${slot} ${model}`, () => {
      const id = draft.isFed(plan.node, 'model') ? plan.again() : plan.node
      draft.setParam(id, 'slot', slot)
      draft.link({ node: model, socket: 'model' }, { node: id, socket: 'model' })
      draft.declare({ key: seed.key, name: 'seed', type: 'seed', default: seed.value, title: 'Seed' }, id, 'seed')
      return id
    }),
  )
}
