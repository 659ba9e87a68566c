import { encodeReference, prepareReference, type RgbImage } from '@dreamgraph/dreamo'
import { p } from '@dreamgraph/graph'
import { defineNode } from '../services.js'
import { socket } from '../sockets.js'

/** Prepares a picture for its task and encodes it as a reference. */
export const dreamoEncodeReference = defineNode({
  type: 'dreamo/encode-reference',
  version: 1,
  title: 'Encode reference',
  description:
    'Turns a picture into a reference that the sampler takes after: a subject on white, a face, or the look of a whole ' +
    'picture. What the mask drops turns white, so that the background does not come along.',
  inputs: {
    model: socket.model(),
    image: socket.image(),
    mask: socket.mask({
      optional: true,
      description:
        'What to keep, from Remove background or Crop face, of the picture that went in there; without one, everything. ' +
        'A style needs none.',
    }),
  },
  params: {
    task: p.choice(['ip', 'id', 'style'], {
      title: 'Take from it',
      default: 'ip',
      description: 'ip: an object, animal, person or garment. id: who it is, from Crop face. style: how it looks.',
    }),
    slot: p.int({ title: 'Slot', default: 1, min: 1, max: 9, description: 'Which [ref#n] of the prompt it is.' }),
    resolution: p.int({
      title: 'Resolution',
      default: 512,
      min: 16,
      max: 2048,
      description:
        'Side of a square of as many pixels as the reference gets; a face keeps its size, up to 512×512 pixels. More ' +
        'shows finer detail and takes more time.',
    }),
    draw: p.choice(['sample', 'mode'], {
      title: 'Latents',
      default: 'sample',
      description: 'sample: drawn with the seed, as DreamO does it. mode: the likeliest ones, without a seed.',
    }),
    seed: p.seed({ title: 'Seed', default: 0n, description: 'Of the sample; another one changes little.' }),
  },
  outputs: {
    reference: socket.reference({ description: 'For Pack conditions.' }),
    prepared: socket.image({ description: 'The picture as the model sees it: worth a look.' }),
  },
  resource: 'gpu',
  async run({ inputs: { model, image, mask }, params: { task, slot, resolution, draw, seed }, ctx }) {
    const kept = mask ?? wholeMask(image)
    const input =
      task === 'id' ? { task, face: image, mask: kept } : task === 'ip' ? { task, image, mask: kept } : { task, image }
    const prepared = prepareReference(input, { resolution })
    const how = draw === 'sample' ? ({ kind: 'sample', seed } as const) : ({ kind: 'mode' } as const)
    const reference = { image: prepared, slot, task }
    return { reference: await encodeReference(model.model, reference, { draw: how, signal: ctx.signal }), prepared }
  },
})

const wholeMask = ({ width, height }: RgbImage): RgbImage => ({
  width,
  height,
  channels: 1,
  data: new Uint8Array(width * height).fill(255),
})
