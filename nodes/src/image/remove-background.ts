import { access } from 'node:fs/promises'
import { type RgbImage, whiten } from '@dreamgraph/dreamo'
import { p } from '@dreamgraph/graph'
import { NodesError } from '../errors.js'
import { defineNode, type Services } from '../services.js'
import { socket } from '../sockets.js'
import { openMattingModel } from '../vision/matting.js'
import type { ModelPath } from '../vision/onnx-file.js'
import { centered, imagenet, unit } from '../vision/picture-tensor.js'
import { uniformBackgroundMask } from '../vision/uniform-background.js'
import { alphaOf } from './pixels.js'

const normalizations = { imagenet, centered, unit }

/** Separates a subject from its background. What cannot be separated is an error, never a picture as it came. */
export const imageRemoveBackground = defineNode({
  type: 'image/remove-background',
  version: 1,
  title: 'Remove background',
  description:
    'Keeps the subject over white. model: an ONNX matting model. uniform: a plain background, from the borders inwards. ' +
    'auto: the model if its file is there, else uniform. A picture with transparency keeps what is opaque.',
  inputs: { image: socket.image() },
  params: {
    method: p.choice(['auto', 'model', 'uniform'], { title: 'Method', default: 'auto' }),
    model: p.file({
      title: 'Matting model',
      default: 'models/matting.onnx',
      extensions: ['onnx'],
      description: 'U²-Net, IS-Net, RMBG, BiRefNet, BEN2 or their like as one ONNX file.',
    }),
    normalization: p.choice(['imagenet', 'centered', 'unit'], {
      title: 'Normalization',
      default: 'imagenet',
      description:
        'What the model was trained with. imagenet: U²-Net, RMBG 2, BiRefNet. centered: IS-Net, RMBG 1.4. unit: BEN2.',
    }),
    tolerance: p.int({
      title: 'Tolerance',
      default: 12,
      min: 0,
      max: 128,
      description: 'uniform: how far the background may stray from one colour, of 255.',
    }),
  },
  outputs: { image: socket.image({ description: 'The subject over white.' }), mask: socket.mask() },
  async fingerprint({ params, services }) {
    const model = params.method === 'uniform' ? undefined : await installed(params.model, services)
    return model ? services.files.digest(model.path) : ''
  },
  async run({ inputs: { image }, params, ctx, services }) {
    const mask = isTransparent(image) ? alphaOf(image) : await findSubject()
    return { image: whiten(image, mask), mask }

    async function findSubject(): Promise<RgbImage> {
      const model = params.method === 'uniform' ? undefined : await installed(params.model, services)
      if (model) {
        const matting = await openMattingModel(model, normalizations[params.normalization])
        return matting.mask(image, { signal: ctx.signal })
      }
      if (params.method === 'model') {
        const rule = `a matting model as an ONNX file at ${params.model}`
        throw new NodesError('nodes/matting-model-missing', `remove background: expected ${rule}, got no file`)
      }
      const where = `remove background (without a model: for other backgrounds put a matting model at ${params.model})`
      return uniformBackgroundMask(image, params.tolerance, where)
    }
  },
})

const isTransparent = (image: RgbImage): boolean => image.channels === 4 && alphaOf(image).data.some((a) => a < 255)

/** The model's file if there is one. */
async function installed(file: string, { files }: Services): Promise<ModelPath | undefined> {
  const path = await files.resolveInput(file)
  return access(path).then(
    () => ({ path, name: file }),
    () => undefined,
  )
}
