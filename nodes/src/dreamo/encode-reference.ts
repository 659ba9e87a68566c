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
    'Makes a picture a reference. ip: an object, person or garment on white; give a mask, or a picture whose background ' +
    'is white already. id: an aligned face, with a mask of its features. style: the picture as it is.',
  inputs: {
    model: socket.model(),
    image: socket.image(),
    mask: socket.mask({ optional: true, description: 'What to keep; without one the whole picture is kept.' }),
  },
  params: {
    task: p.choice(['ip', 'id', 'style'], { title: 'Task', default: 'ip' }),
    slot: p.int({ title: 'Slot', default: 1, min: 1, max: 9, description: 'Which [ref#n] it is.' }),
    resolution: p.int({
      title: 'Resolution',
      default: 512,
      min: 16,
      max: 2048,
      description: 'ip and style are resized to the area of a square of this side; id keeps its size.',
    }),
    draw: p.choice(['sample', 'mode'], {
      title: 'Autoencoder',
      default: 'sample',
      description: 'Draw from the distribution of the latents, with a seed, or take its mode.',
    }),
    seed: p.seed({ title: 'Seed', default: 0n }),
  },
  outputs: {
    reference: socket.reference(),
    prepared: socket.image({ description: 'The picture as it was encoded.' }),
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
