import { p } from '@dreamgraph/graph'
import { defineNode } from '../services.js'
import { socket } from '../sockets.js'
import { parseColor } from './color.js'
import { checkPixels } from './decode.js'
import { copyInto, flatImage, withChannels } from './pixels.js'

/** Puts pictures side by side in a grid, each in the middle of a cell as large as the largest. */
export const imageJoin = defineNode({
  type: 'image/join',
  version: 1,
  title: 'Join images',
  description:
    'A contact sheet: pictures in rows, in the order of their links. Smaller ones stand in the middle of their cell.',
  inputs: { images: socket.image({ many: true }) },
  params: {
    columns: p.int({ title: 'Columns', default: 0, min: 0, max: 1000, description: '0: all in one row.' }),
    gap: p.int({ title: 'Gap', default: 0, min: 0, max: 1000, description: 'Pixels between cells.' }),
    color: p.text({ title: 'Background', default: '#ffffff' }),
  },
  outputs: { image: socket.image() },
  run({ inputs: { images }, params: { columns, gap, color } }) {
    const background = parseColor(color, 'join, background')
    const perRow = columns === 0 ? images.length : Math.min(columns, images.length)
    const cellWidth = Math.max(...images.map(({ width }) => width))
    const cellHeight = Math.max(...images.map(({ height }) => height))
    const rows = Math.ceil(images.length / perRow)
    const size = { width: perRow * (cellWidth + gap) - gap, height: rows * (cellHeight + gap) - gap }
    checkPixels(size, 'join')
    const channels = background[3] < 255 || images.some((image) => image.channels === 4) ? 4 : 3
    const sheet = flatImage(size, background, channels)
    for (const [index, image] of images.entries()) {
      const x = (index % perRow) * (cellWidth + gap) + Math.floor((cellWidth - image.width) / 2)
      const y = Math.floor(index / perRow) * (cellHeight + gap) + Math.floor((cellHeight - image.height) / 2)
      copyInto(sheet, withChannels(image, channels), { x, y })
    }
    return { image: sheet }
  },
})
