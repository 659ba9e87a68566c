import { lossPlot } from '@dreamgraph/train'
import sharp from 'sharp'
import { defineNode } from '../services.js'
import { socket } from '../sockets.js'
import type { StageLosses } from './values.js'

/** Draws the losses of one stage, or of several one after another. */
export const trainLossPlot = defineNode({
  type: 'train/loss-plot',
  version: 1,
  title: 'Plot losses',
  description: 'Draws losses over steps, a panel for each loss and a curve for each task. Stages follow one another.',
  inputs: { losses: socket.losses({ many: true }) },
  outputs: { image: socket.image() },
  async run({ inputs: { losses } }) {
    const svg = Buffer.from(lossPlot(oneAfterAnother(losses)))
    const { data, info } = await sharp(svg, { density: 144 }).removeAlpha().raw().toBuffer({ resolveWithObject: true })
    const { width, height } = info
    return { image: { width, height, channels: 3 as const, data: new Uint8Array(data) } }
  },
})

/** The lines of all stages, with steps that go on counting. */
function oneAfterAnother(stages: readonly StageLosses[]): StageLosses['lines'] {
  let before = 0
  return stages.flatMap(({ lines }) => {
    const shifted = lines.map((line) => ({ ...line, step: line.step + before }))
    before = shifted.at(-1)?.step ?? before
    return shifted
  })
}
