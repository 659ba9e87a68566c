import { p } from '@dreamgraph/graph'
import { digestData, readManifest, type TrainingData } from '@dreamgraph/train'
import { NodesError } from '../errors.js'
import { defineNode } from '../services.js'
import { socket } from '../sockets.js'

const side = (title: string, description: string) =>
  p.int({ title, default: 512, min: 16, max: 4096, step: 16, description })

/** Reads a folder of training pictures and checks all of it. */
export const trainData = defineNode({
  type: 'train/data',
  version: 1,
  title: 'Training pictures',
  description:
    'Reads a manifest of training pictures and checks all of it: a missing file, a mask of another size or a caption that ' +
    'names an absent reference stops here, with its line. The form of a manifest is in the README of packages/train.',
  params: {
    manifest: p.file({ title: 'Manifest', extensions: ['jsonl'] }),
    width: side('Width', 'Of targets, which are scaled and cropped to it; a multiple of 16.'),
    height: side('Height', 'Of targets; a multiple of 16.'),
    reference: side('Reference', 'Side of references, which are scaled and padded with white; a multiple of 16.'),
  },
  outputs: { dataset: socket.dataset() },
  resource: 'io',
  volatile: true,
  async run({ params, ctx, services }) {
    const { width, height, reference } = params
    for (const [name, value] of Object.entries({ width, height, reference })) checkSide(name, value)
    const samples = await readManifest(await services.files.resolveInput(params.manifest))
    const data: TrainingData = {
      kind: 'folder',
      samples,
      image: { width, height },
      reference: { width: reference, height: reference },
    }
    const digest = await digestData(data, (path) => services.files.digest(path, { signal: ctx.signal }))
    return { dataset: { digest, data } }
  },
})

function checkSide(name: string, value: number): void {
  if (value % 16 === 0) return
  throw new NodesError('nodes/size-invalid', `${name}: expected a multiple of 16, got ${value}`)
}
