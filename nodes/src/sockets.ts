// The value types that flow between nodes, each with how it is hashed and kept on disk.

import type { EncodedReference, EncodedText, Latent, RgbImage } from '@dreamgraph/dreamo'
import { type JsonValue, primitiveSockets, type SocketType, sockets, socketType } from '@dreamgraph/graph'
import { decodeRouting, encodeRouting, type Routing } from './dreamo/routing.js'
import type { LoadedModel } from './model-shelf.js'
import {
  type Conditions,
  decodeConditions,
  decodeImage,
  decodeLatent,
  decodeReference,
  decodeText,
  encodeConditions,
  encodeImage,
  encodeLatent,
  encodeReference,
  encodeText,
} from './packs/child/encodings.mjs'
import { type Dataset, decodeAdapter, encodeAdapter, type StageLosses, type TrainedAdapter } from './train/values.js'

/** 8-bit pictures with 1, 3 or 4 channels. */
export const imageType: SocketType<RgbImage> = socketType({
  name: 'image',
  title: 'Image',
  color: '#64b5f6',
  encode: encodeImage,
  decode: decodeImage,
})

/** One channel: 255 keeps, 0 drops. A type of its own, so that a picture is never taken for a mask. */
export const maskType: SocketType<RgbImage> = socketType({
  name: 'mask',
  title: 'Mask',
  color: '#cfd8dc',
  encode: encodeImage,
  decode: decodeImage,
})

export const latentType: SocketType<Latent> = socketType<Latent>({
  name: 'latent',
  title: 'Latent',
  color: '#ba68c8',
  encode: encodeLatent,
  decode: decodeLatent,
})

/** An opened model: a live handle. Its digest stands for the content of every file it came from. */
export const modelType: SocketType<LoadedModel> = socketType<LoadedModel>({
  name: 'model',
  title: 'Model',
  color: '#b39ddb',
  digest: ({ digest }) => digest,
})

export const textEmbeddingType: SocketType<EncodedText> = socketType({
  name: 'text-embedding',
  title: 'Text embedding',
  color: '#ffb300',
  encode: encodeText,
  decode: decodeText,
})

/** A reference as tokens of the transformer's sequence, in its slot. */
export const referenceType: SocketType<EncodedReference> = socketType({
  name: 'reference',
  title: 'Reference',
  color: '#4db6ac',
  encode: encodeReference,
  decode: decodeReference,
})

export const conditionsType: SocketType<Conditions> = socketType<Conditions>({
  name: 'conditions',
  title: 'Conditions',
  color: '#ff8a65',
  encode: encodeConditions,
  decode: decodeConditions,
})

/** Where each reference responded in a picture. */
export const routingType: SocketType<Routing> = socketType<Routing>({
  name: 'routing',
  title: 'Routing',
  color: '#a1887f',
  encode: encodeRouting,
  decode: decodeRouting,
})

/** What a training learns from. Its digest stands for the content of every picture. */
export const datasetType: SocketType<Dataset> = socketType<Dataset>({
  name: 'dataset',
  title: 'Dataset',
  color: '#7986cb',
  digest: ({ digest }) => digest,
})

/** A trained adapter: files in a folder of its own, which its digest stands for. */
export const adapterType: SocketType<TrainedAdapter> = socketType<TrainedAdapter>({
  name: 'adapter',
  title: 'Adapter',
  color: '#f06292',
  digest: ({ digest }) => digest,
  encode: (adapter) => ({ json: encodeAdapter(adapter), blobs: [] }),
  decode: ({ json }) => decodeAdapter(json),
})

/** The losses of a training stage, step by step. */
export const lossesType: SocketType<StageLosses> = socketType<StageLosses>({
  name: 'losses',
  title: 'Losses',
  color: '#dce775',
  encode: (losses) => ({ json: losses as unknown as JsonValue, blobs: [] }),
  decode: ({ json }) => json as unknown as StageLosses,
})

export type { Conditions }

/** Every type that is not a param's. */
export const valueTypes: readonly SocketType<unknown>[] = [
  imageType,
  maskType,
  latentType,
  modelType,
  textEmbeddingType,
  referenceType,
  conditionsType,
  routingType,
  datasetType,
  adapterType,
  lossesType,
]

/** Port makers: `socket.image()`, `socket.reference({ many: true })`. */
export const socket = {
  ...primitiveSockets,
  ...sockets({
    image: imageType,
    mask: maskType,
    latent: latentType,
    model: modelType,
    textEmbedding: textEmbeddingType,
    reference: referenceType,
    conditions: conditionsType,
    routing: routingType,
    dataset: datasetType,
    adapter: adapterType,
    losses: lossesType,
  }),
}
