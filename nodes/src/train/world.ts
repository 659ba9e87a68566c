import type { RgbImage } from '@dreamgraph/dreamo'
import { p } from '@dreamgraph/graph'
import { digestData, type TrainingData } from '@dreamgraph/train'
import { contactSheet, type Difficulty, difficultyOf, renderSample, tasks } from '@dreamgraph/world'
import sharp from 'sharp'
import { defineNode } from '../services.js'
import { socket } from '../sockets.js'

/** The procedural picture world as training data. */
export const trainWorld = defineNode({
  type: 'train/world',
  version: 1,
  title: 'Picture world',
  description:
    'A drawn world of things, persons, places and styles to train on: references, exact masks and captions without end. ' +
    'Its pictures are 128×128 pixels.',
  params: {
    seed: p.seed({ title: 'Seed', default: 0n }),
    difficulty: p.float({
      title: 'Difficulty',
      default: 0,
      min: 0,
      max: 1,
      step: 0.1,
      description: '0: subjects stand as in their references. 1: moved, scaled, mirrored, turned, in other styles.',
    }),
    samples: p.int({
      title: 'Samples',
      default: 10_000,
      min: 1,
      max: 1_000_000_000,
      description: 'Different pictures of each task.',
    }),
  },
  outputs: { dataset: socket.dataset() },
  async run({ params, ctx }) {
    const { seed, samples } = params
    const difficulty = difficultyOf(params.difficulty)
    if (ctx.wantsPreview('picture')) ctx.preview({ kind: 'picture', image: await sheetOf({ seed, difficulty }) })
    const data: TrainingData = { kind: 'world', seed, samples, difficulty, referenceSizePx: 64 }
    return { dataset: { digest: await digestData(data, () => Promise.reject(new Error('internal: no files'))), data } }
  },
})

/** One sample of each task, for people to look at. */
async function sheetOf(world: { seed: bigint; difficulty: Difficulty }): Promise<RgbImage> {
  const samples = tasks.map((task) => renderSample({ ...world, index: 0, split: 'train', task }))
  const sheet = sharp(contactSheet(samples, { columns: 2 })).removeAlpha()
  const { data, info } = await sheet.raw().toBuffer({ resolveWithObject: true })
  return { width: info.width, height: info.height, channels: 3, data: new Uint8Array(data) }
}
