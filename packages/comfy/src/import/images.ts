/** Pictures: loading, changing, decoding, saving. */
import { anyModel } from './models.js'
import type { NodeView } from './node-view.js'
import type { LatentValue, Outputs, Socket, ValueOf } from './values.js'
import { leftOut, nothing, type Translate, type Work } from './work.js'

const loadImage: Translate = (node, work) => {
  const id = makePicture(node, work)
  return [
    { kind: 'image', socket: { node: id, socket: 'image' }, isList: false },
    { kind: 'mask', socket: { node: id, socket: 'mask' }, isInverted: true, isList: false },
  ]
}

/** ComfyUI marks pictures of another folder than that of inputs. */
const folderName = / \[(input|output|temp)\]$/

/** Our node that reads the picture of a LoadImage, its file an input by name. */
export function makePicture(node: NodeView, work: Work): string {
  const { draft, places } = work
  const slot = places.slots.get(node.id)
  const id = draft.add('image/load', slot === undefined ? 'picture' : `picture${slot}`, node)
  const { value, key } = node.text('image')
  const file = places.fileOf ? work.fileOf(value, 'pictures') : value.replace(folderName, '')
  const wish = {
    key,
    name: slot === undefined ? 'image' : `reference${slot}`,
    type: 'file',
    title: slot === undefined ? 'Picture' : `Reference ${slot}`,
    ...(file !== '' && { default: file }),
  }
  draft.declare(wish, id, 'file')
  const folder = folderName.exec(value)?.[1]
  const where = places.fileOf
    ? ''
    : `${folder ? `, of ComfyUI’s ${folder} folder` : ''}, looked for beside the workflow`
  node.say('mapped', 'image/load', file === '' ? 'it names no file' : file + where)
  return id
}

const vaeDecode: Translate = (node, work) => {
  const latent = node.need('samples', 'latent')?.latent
  if (!latent) return nothing
  if (latent.of === 'reference') {
    node.say('refused', 'left out', 'DreamO’s reference latents are no picture; DreamORefEncode gives the prepared one')
    return nothing
  }
  node.say('mapped', 'vae/decode')
  return [decoded(node, work, latent)]
}

/** Adds a node that makes a picture of latents. */
export function decoded(
  node: NodeView,
  work: Work,
  latent: Exclude<LatentValue, { of: 'reference' }>,
): ValueOf<'image'> {
  const { draft } = work
  const model = latent.of === 'samples' ? latent.model : anyModel(work, node)
  const from = latent.of === 'samples' ? latent.socket : latentOf(work, latent, model)
  const id = draft.add('vae/decode', 'decode', node)
  draft.link({ node: model, socket: 'model' }, { node: id, socket: 'model' })
  draft.link(from, { node: id, socket: 'latent' })
  return { kind: 'image', socket: { node: id, socket: 'image' }, isList: latent.of !== 'nothing' && latent.isList }
}

/** Latents that were never sampled. */
function latentOf(
  { draft, report }: Work,
  latent: Extract<LatentValue, { of: 'nothing' | 'picture' }>,
  model: string,
): Socket {
  if (latent.of === 'nothing') {
    report.say('mapped', latent, 'latent/empty')
    const size = { width: latent.width.value, height: latent.height.value }
    return { node: draft.add('latent/empty', 'latent', latent, size), socket: 'latent' }
  }
  report.say('mapped', latent, 'vae/encode')
  const id = draft.add('vae/encode', 'encode', latent)
  draft.link({ node: model, socket: 'model' }, { node: id, socket: 'model' })
  draft.link(latent.image, { node: id, socket: 'image' })
  return { node: id, socket: 'latent' }
}

const vaeEncode: Translate = (node) => {
  const image = node.need('pixels', 'image')
  if (!image) return nothing
  const { id, class: type } = node
  return [{ kind: 'latent', latent: { of: 'picture', id, class: type, image: image.socket, isList: image.isList } }]
}

const filters: Readonly<Record<string, 'area' | 'lanczos' | 'nearest'>> = {
  'nearest-exact': 'nearest',
  area: 'area',
  lanczos: 'lanczos',
}

const imageScale: Translate = (node, work) => {
  const [width, height] = [node.int('width').value, node.int('height').value]
  if (width <= 0 || height <= 0) {
    if (width <= 0 && height <= 0) node.say('mapped', 'link', 'a size of 0 × 0 changes nothing')
    else node.say('refused', 'left out', 'a side of 0 follows the other one in ComfyUI; here both are needed')
    return leftOut(node)
  }
  const method = node.text('upscale_method').value
  const filter = filters[method] ?? 'lanczos'
  const outputs = changed(node, work, { type: 'image/resize', name: 'resize', params: { width, height, filter } })
  if (filters[method] === undefined) node.say('guessed', 'image/resize', `${method} is done as ${filter}`)
  if (node.text('crop').value === 'center') {
    node.say('guessed', 'image/resize', 'stretches; ComfyUI cuts to the shape first, as image/crop before it would')
  }
  return outputs
}

const imageCrop: Translate = (node, work) => {
  const params = Object.fromEntries(['x', 'y', 'width', 'height'].map((name) => [name, node.int(name).value]))
  return changed(node, work, { type: 'image/crop', name: 'crop', params })
}

/** A node with one picture in and one out. */
function changed(
  node: NodeView,
  { draft }: Work,
  { type, name, params }: { type: string; name: string; params: Record<string, string | number> },
): Outputs {
  const image = node.need('image', 'image')
  if (!image) return nothing
  const id = draft.add(type, name, node, params)
  draft.link(image.socket, { node: id, socket: 'image' })
  node.say('mapped', type)
  return [{ kind: 'image', socket: { node: id, socket: 'image' }, isList: image.isList }]
}

const imageBatch: Translate = (node, { draft }) => {
  const images = ['image1', 'image2'].flatMap((name) => node.need(name, 'image') ?? [])
  if (images.length === 0) return nothing
  const id = draft.add('value/image-list', 'pictures', node)
  for (const [order, image] of images.entries()) draft.link(image.socket, { node: id, socket: 'images' }, order + 1)
  node.say('mapped', 'value/image-list', 'pictures keep their sizes')
  return [{ kind: 'image', socket: { node: id, socket: 'images' }, isList: true }]
}

const joinImageWithAlpha: Translate = (node, work) => {
  const [image, alpha] = [node.need('image', 'image'), node.need('alpha', 'mask')]
  if (!image || !alpha) return nothing
  const { draft } = work
  const id = draft.add('image/apply-mask', 'cutout', node, { background: 'transparent' })
  draft.link(image.socket, { node: id, socket: 'image' })
  // ComfyUI's mask says what is transparent, ours what is kept.
  const mask = alpha.isInverted ? alpha.socket : inverted(node, work, alpha.socket)
  draft.link(mask, { node: id, socket: 'mask' })
  node.say('mapped', 'image/apply-mask')
  return [{ kind: 'image', socket: { node: id, socket: 'image' }, isList: image.isList || alpha.isList }]
}

function inverted(node: NodeView, { draft }: Work, mask: Socket): Socket {
  const id = draft.add('mask/invert', 'invert', node)
  draft.link(mask, { node: id, socket: 'mask' })
  return { node: id, socket: 'mask' }
}

export const imageTranslators: Readonly<Record<string, Translate>> = {
  LoadImage: loadImage,
  VAEDecode: vaeDecode,
  VAEEncode: vaeEncode,
  ImageScale: imageScale,
  ImageScaleBy: leftOut,
  ImageCrop: imageCrop,
  ImageInvert: leftOut,
  ImagePadForOutpaint: leftOut,
  ImageBatch: imageBatch,
  JoinImageWithAlpha: joinImageWithAlpha,
}
