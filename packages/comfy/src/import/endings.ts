/** Where a flow ends: pictures that are saved, shown, or, where a flow does neither, simply the last ones. */
import { decoded } from './images.js'
import { type NodeView, through } from './node-view.js'
import type { Outputs, ValueOf } from './values.js'
import { type ComfyPicture, nothing, type Translate, type Work } from './work.js'

const saveImage: Translate = (node, work) => {
  const image = node.need('images', 'image')
  if (!image) return nothing
  const id = work.draft.add('image/save', 'save', node)
  work.draft.link(image.socket, { node: id, socket: 'image' })
  const { value, key } = node.text('filename_prefix')
  const wish = { key, name: 'name', type: 'text', default: plainName(node, value), title: 'File name' }
  work.draft.declare(wish, id, 'name')
  node.say('mapped', 'image/save')
  finish(work, node, image, { kind: 'saved', node: id })
  return [image]
}

const previewImage: Translate = (node, work) => {
  const image = node.need('images', 'image')
  if (!image) return nothing
  const id = work.draft.add('image/preview', 'preview', node)
  work.draft.link(image.socket, { node: id, socket: 'image' })
  node.say('mapped', 'image/preview')
  finish(work, node, image, { kind: 'shown', node: id })
  return [image]
}

export const endingTranslators: Readonly<Record<string, Translate>> = {
  SaveImage: saveImage,
  PreviewImage: previewImage,
}

/** Saves the picture that a last node of a flow gives, or is given. */
export function saveLast(work: Work, node: NodeView, outputs: Outputs): void {
  const image = lastImage(work, node, outputs)
  if (!image) return
  const id = work.draft.add('image/save', 'save', node)
  work.draft.link(image.socket, { node: id, socket: 'image' })
  node.say('guessed', 'image/save', 'no node that we know saves or shows a picture, so the last one is saved')
  finish(work, node, image, { kind: 'saved', node: id })
}

function lastImage(work: Work, node: NodeView, outputs: Outputs): ValueOf<'image'> | undefined {
  if ('kind' in outputs) return through(outputs, 'image', work.report)
  for (const value of outputs) {
    if (value?.kind === 'image') return value
    if (value?.kind === 'latent' && value.latent.of === 'samples') return decoded(node, work, value.latent)
  }
  return undefined
}

/** Declares outputs: what is saved, else what is shown, and the pictures that references are made of only where all else fails. */
export function declareOutputs({ draft, pictures }: Work): void {
  const isReference = ({ from }: ComfyPicture) => from.socket === 'prepared'
  const choices = [
    pictures.filter(({ kind }) => kind === 'saved'),
    pictures.filter((picture) => !isReference(picture)),
    pictures,
  ]
  const chosen = choices.find((choice) => choice.length > 0) ?? []
  for (const { from, isList } of chosen) draft.output(from, isList ? 'list<image>' : 'image', 'Picture')
}

function finish(
  work: Work,
  node: NodeView,
  { socket, isList }: ValueOf<'image'>,
  how: { kind: 'saved' | 'shown'; node: string },
): void {
  work.pictures.push({ comfyNode: node.id, ...how, from: socket, isList })
}

/** ComfyUI fills in dates and values between percent signs; here a name is what it is. */
function plainName(node: NodeView, prefix: string): string {
  const name = prefix
    .replace(/%[^%/]*%/g, '')
    .split('/')
    .filter((part) => part.replaceAll('.', '').trim() !== '')
    .join('/')
  if (name !== prefix) node.say('guessed', 'input name', `${JSON.stringify(prefix)} without what ComfyUI would fill in`)
  return name || 'ComfyUI'
}
