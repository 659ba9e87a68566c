// Losses on where attention goes between references, words and the picture.
import {
  type LayerHeads,
  namingLoss,
  type PlaceholderVariant,
  placeholderLoss,
  type RoutingVariant,
  readingLoss,
  responseMaps,
  routingLoss,
  type SequenceSpans,
} from '@dreamgraph/dreamo'
import { matmul, reshape, slice, type Tensor } from '@dreamgraph/onnx'
import type { Bucket } from './batch.js'
import { TrainError } from './errors.js'

export interface LossVariants {
  readonly routing: RoutingVariant
  readonly placeholder: PlaceholderVariant
  /** Layers of L_naming and L_reading, from 0. Absent: the loss is not there. */
  readonly namingLayers?: readonly number[]
  readonly readingLayers?: readonly number[]
}

export interface ReferenceInputs {
  /** [B, references, L] */
  readonly masks: Tensor
  /** Each sample's text tokens in an order of its own, those that name references first: one-hot rows [B, n, T]. */
  readonly order: Tensor
}

/** Rows of `order`: all text tokens where a loss weighs a word against the whole text, else the references' words. */
export const namedTokens = (
  { textTokens, references }: Pick<Bucket, 'textTokens' | 'references'>,
  { placeholder, namingLayers }: LossVariants,
): number => (placeholder === 'text' || namingLayers ? textTokens : references.length)

/** Builds the losses that references have: scalars. Throws train/config-invalid for a layer that the model lacks. */
export function referenceLosses(
  layers: readonly LayerHeads[],
  spans: SequenceSpans,
  { masks, order, ...options }: ReferenceInputs & LossVariants,
): { route: Tensor; holder: Tensor; naming?: Tensor; reading?: Tensor } {
  const { routing, placeholder: variant, namingLayers, readingLayers } = options
  const named = namedFirst(layers, spans, order)
  const positions = spans.references.map((_, i) => i)
  return {
    route: routingLoss(responseMaps(layers, spans, routing), masks),
    holder: placeholderLoss(named, spans, { positions, variant }),
    ...(namingLayers && { naming: namingLoss(chosen(named, namingLayers, 'namingLayers'), spans, positions) }),
    ...(readingLayers && { reading: readingLoss(chosen(layers, readingLayers, 'readingLayers'), spans, masks) }),
  }
}

function chosen(layers: readonly LayerHeads[], indices: readonly number[], name: string): LayerHeads[] {
  return indices.map((index) => {
    if (index < layers.length) return layers[index]
    const rule = `layers from 0 to ${layers.length - 1}, as many as the model has`
    throw new TrainError('train/config-invalid', `${name}: expected ${rule}, got ${index}`)
  })
}

/** Heads whose keys are text tokens in an order of each sample's own, placeholders first: order [B, n, T], one-hot rows. */
function namedFirst(layers: readonly LayerHeads[], { text }: SequenceSpans, order: Tensor): LayerHeads[] {
  const [samples, count, tokens] = order.shape
  const choice = reshape(order, { shape: [samples, 1, count, tokens] })
  return layers.map(({ q, k }) => ({
    q,
    k: matmul(choice, slice(k, { axis: 2, from: text.start, to: text.start + tokens })), // [B, heads, n, d]
  }))
}
