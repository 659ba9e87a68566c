/** Masks. ComfyUI's are 1 where a picture is transparent, ours keep where they are 255: see `isInverted`. */
import { makePicture } from './images.js'
import { leftOut, nothing, type Translate } from './work.js'

const channels = ['red', 'green', 'blue', 'alpha']

const loadImageMask: Translate = (node, work) => {
  const picture = makePicture(node, work)
  const { value: channel } = node.text('channel')
  const mask = { kind: 'mask', isList: false } as const
  if (channel === 'alpha') return [{ ...mask, socket: { node: picture, socket: 'mask' }, isInverted: true }]
  const id = work.draft.add('mask/from-image', 'mask', node, { channel: channels.includes(channel) ? channel : 'red' })
  work.draft.link({ node: picture, socket: 'image' }, { node: id, socket: 'image' })
  return [{ ...mask, socket: { node: id, socket: 'mask' }, isInverted: false }]
}

const imageToMask: Translate = (node, { draft }) => {
  const image = node.need('image', 'image')
  if (!image) return nothing
  const { value: channel } = node.text('channel')
  const id = draft.add('mask/from-image', 'mask', node, { channel: channels.includes(channel) ? channel : 'red' })
  draft.link(image.socket, { node: id, socket: 'image' })
  node.say('mapped', 'mask/from-image')
  return [{ kind: 'mask', socket: { node: id, socket: 'mask' }, isInverted: false, isList: image.isList }]
}

const invertMask: Translate = (node) => {
  const mask = node.need('mask', 'mask')
  if (!mask) return nothing
  node.say('mapped', 'mask/invert', 'where it is needed')
  return [{ ...mask, isInverted: !mask.isInverted }]
}

export const maskTranslators: Readonly<Record<string, Translate>> = {
  LoadImageMask: loadImageMask,
  MaskToImage: leftOut,
  ImageToMask: imageToMask,
  InvertMask: invertMask,
}
