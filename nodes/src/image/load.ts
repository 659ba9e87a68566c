import { p } from '@dreamgraph/graph'
import { defineNode, type Services } from '../services.js'
import { socket } from '../sockets.js'
import { checkFile, decodePicture } from './decode.js'
import { alphaOf } from './pixels.js'

/** Reads a picture file; transparency, if any, comes out as the mask. */
export const imageLoad = defineNode({
  type: 'image/load',
  version: 1,
  title: 'Load image',
  description: 'Reads PNG, JPEG, WebP, AVIF, TIFF or the first frame of a GIF, upright and as 8-bit sRGB.',
  params: {
    file: p.file({ title: 'File', extensions: ['png', 'jpg', 'jpeg', 'webp', 'avif', 'tif', 'tiff', 'gif'] }),
  },
  outputs: {
    image: socket.image({ description: 'RGB, or RGBA where the file has transparency.' }),
    mask: socket.mask({ description: 'The transparency: 255 where the picture is opaque.' }),
  },
  resource: 'io',
  fingerprint: async ({ params, services }) => services.files.digest(await openable(params.file, services)),
  async run({ params, services }) {
    const image = await decodePicture(await openable(params.file, services), params.file)
    return { image, mask: alphaOf(image) }
  },
})

async function openable(file: string, { files }: Services): Promise<string> {
  const path = await files.resolveInput(file)
  await checkFile(path, file)
  return path
}
