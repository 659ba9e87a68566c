import { type RgbImage, resizeArea, type Size } from '@dreamgraph/dreamo'
import { p } from '@dreamgraph/graph'
import sharp from 'sharp'
import { defineNode } from '../services.js'
import { socket } from '../sockets.js'
import { checkPixels } from './decode.js'
import { moved } from './pixels.js'

/** Resizes to exact numbers of pixels, whatever the shape. */
export const imageResize = defineNode({
  type: 'image/resize',
  version: 1,
  title: 'Resize',
  description: 'To exactly this width and height; stretches where the shape differs.',
  inputs: { image: socket.image() },
  params: {
    width: p.int({ title: 'Width', default: 1024, min: 1, max: 16_384 }),
    height: p.int({ title: 'Height', default: 1024, min: 1, max: 16_384 }),
    filter: p.choice(['area', 'lanczos', 'nearest'], {
      title: 'Filter',
      default: 'area',
      description: 'area: as OpenCV, best to shrink. lanczos: best to enlarge. nearest: whole pixels.',
    }),
  },
  outputs: { image: socket.image() },
  async run({ inputs: { image }, params: { filter, ...size } }) {
    checkPixels(size, 'resize')
    const filters = { area: resizeArea, lanczos: resizeLanczos, nearest: resizeNearest }
    return { image: await filters[filter](image, size) }
  },
})

/** libvips weighs colours by their alpha, so that those of transparent pixels do not bleed; it may round by one. */
async function resizeLanczos(image: RgbImage, { width, height }: Size): Promise<RgbImage> {
  const { channels, data } = image
  const bytes = await sharp(data, { raw: { width: image.width, height: image.height, channels } })
    .resize({ width, height, fit: 'fill', kernel: 'lanczos3' })
    .toColourspace(channels === 1 ? 'b-w' : 'srgb')
    .raw()
    .toBuffer()
  return { width, height, channels, data: new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength) }
}

/** The source pixel under the centre of each pixel. */
function resizeNearest(image: RgbImage, size: Size): RgbImage {
  const [scaleX, scaleY] = [image.width / size.width, image.height / size.height]
  return moved(image, size, (x, y) => [Math.floor((x + 0.5) * scaleX), Math.floor((y + 0.5) * scaleY)])
}
