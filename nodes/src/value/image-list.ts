import { defineNode } from '../services.js'
import { socket } from '../sockets.js'

/** Gathers pictures, in the order of their links, into one list. */
export const valueImageList = defineNode({
  type: 'value/image-list',
  version: 1,
  title: 'List of images',
  description: 'Gathers pictures in the order of their links. What the list feeds runs once for each picture.',
  inputs: { images: socket.image({ many: true }) },
  outputs: { images: socket.image({ list: true }) },
  run: ({ inputs: { images } }) => ({ images }),
})
