// Reads off a graph that is being built where each reference responds in the picture, layer by layer.
import { concat, type Tensor } from '@dreamgraph/onnx'
import { consecutive, type LayerHeads, sequenceSpans } from './losses/attention-heads.js'
import { layerMaps } from './losses/routing.js'

export interface ResponsesReader {
  readonly read: (heads: LayerHeads) => Tensor
  /** After all layers: [layers, B, references, image tokens]. */
  readonly responses: () => Tensor
}

/** `lengths`: tokens of the image and of each reference. */
export function responsesReader(textTokens: number, lengths: readonly number[]): ResponsesReader {
  const [image, ...references] = consecutive(lengths)
  const spans = sequenceSpans(textTokens, { image, references })
  const maps: Tensor[] = []
  return {
    read(heads) {
      maps.push(layerMaps(heads, spans, 'raw')) // [1, B, references, tokens]
      return maps.at(-1)!
    },
    responses: () => concat(maps, { axis: 0 }),
  }
}
