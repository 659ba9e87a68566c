// Picture cases: OpenCV's area resizing, and pictures as tensors.
import { imageToTensor, type RgbImage, resizeToArea, resizeToLongEdge } from '@dreamgraph/dreamo'
import type { GoldenCase } from '../case-folder.js'
import type { Computed } from '../computed.js'

export async function runImageOps(golden: GoldenCase): Promise<Computed> {
  const computed: Computed = new Map()
  for (const { name, area, long_edge } of golden.params.listing as {
    name: string
    area?: number
    long_edge?: number
  }[]) {
    const source = readImage(golden, `${name}/source`)
    const resized = area === undefined ? resizeToLongEdge(source, long_edge!) : resizeToArea(source, area)
    computed.set(`${name}/resized`, resized.data)
  }
  computed.set('tensor/normalised', imageToTensor(readImage(golden, 'tensor/source')))
  return computed
}

/** A recorded [h, w, 3] tensor of whole numbers as a picture. */
function readImage(golden: GoldenCase, name: string): RgbImage {
  const { shape, data } = golden.tensor(name)
  return { height: shape[0], width: shape[1], channels: 3, data: Uint8Array.from(data) }
}
