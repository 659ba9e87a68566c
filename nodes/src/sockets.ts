// The value types that flow between nodes, each with how it is hashed and kept on disk.

import type { EncodedReference, EncodedText, Latent, RgbImage } from '@dreamgraph/dreamo'
import { type JsonValue, primitiveSockets, type SocketType, sockets, socketType } from '@dreamgraph/graph'
import type { LoadedModel } from './model-shelf.js'
import { type Dataset, decodeAdapter, encodeAdapter, type StageLosses, type TrainedAdapter } from './train/values.js'

/** All that steers one picture: text, negative text for true CFG, references in slot order. */
export interface Conditions {
  readonly text: EncodedText
  readonly negative?: EncodedText
  readonly references: readonly EncodedReference[]
}

const bytesOf = (data: Float32Array): Uint8Array => new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
/** A Buffer is a Uint8Array whose slice() is a view: none may leak into pictures. */
const plainBytes = ({ buffer, byteOffset, byteLength }: Uint8Array): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength)
/** Copies, because a blob may start at an address that floats may not. */
const floatsOf = (bytes: Uint8Array): Float32Array => new Float32Array(new Uint8Array(bytes).buffer)

const encodeImage = ({ width, height, channels, data }: RgbImage) => ({
  json: { width, height, channels },
  blobs: [data],
})
const decodeImage = ({ json, blobs }: { json: JsonValue; blobs: readonly Uint8Array[] }): RgbImage => ({
  ...(json as unknown as Omit<RgbImage, 'data'>),
  data: plainBytes(blobs[0]),
})

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
  encode: ({ data, ...size }) => ({ json: size, blobs: [bytesOf(data)] }),
  decode: ({ json, blobs }) => ({ ...(json as unknown as Omit<Latent, 'data'>), data: floatsOf(blobs[0]) }),
})

/** An opened model: a live handle. Its digest stands for the content of every file it came from. */
export const modelType: SocketType<LoadedModel> = socketType<LoadedModel>({
  name: 'model',
  title: 'Model',
  color: '#b39ddb',
  digest: ({ digest }) => digest,
})

const encodeText = ({ prompt, states, pooled }: EncodedText) => ({
  json: { prompt, states: [...states.shape], pooled: [...pooled.shape] },
  blobs: [bytesOf(states.data as Float32Array), bytesOf(pooled.data as Float32Array)],
})
const decodeText = ({ json, blobs }: { json: JsonValue; blobs: readonly Uint8Array[] }): EncodedText => {
  const { prompt, states, pooled } = json as { prompt: string; states: number[]; pooled: number[] }
  return {
    prompt,
    states: { dtype: 'float32', shape: states, data: floatsOf(blobs[0]) },
    pooled: { dtype: 'float32', shape: pooled, data: floatsOf(blobs[1]) },
  }
}

export const textEmbeddingType: SocketType<EncodedText> = socketType({
  name: 'text-embedding',
  title: 'Text embedding',
  color: '#ffb300',
  encode: encodeText,
  decode: decodeText,
})

const encodeReference = ({ tokens, slot, task, grid }: EncodedReference) => ({
  json: { slot, task, grid: { ...grid } },
  blobs: [bytesOf(tokens)],
})
const decodeReference = ({ json, blobs }: { json: JsonValue; blobs: readonly Uint8Array[] }): EncodedReference => ({
  ...(json as unknown as Omit<EncodedReference, 'tokens'>),
  tokens: floatsOf(blobs[0]),
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
  encode({ text, negative, references }) {
    const parts = [encodeText(text), ...(negative ? [encodeText(negative)] : []), ...references.map(encodeReference)]
    return {
      json: { hasNegative: negative !== undefined, parts: parts.map(({ json }) => json) },
      blobs: parts.flatMap(({ blobs }) => blobs),
    }
  },
  decode({ json, blobs }) {
    const { hasNegative, parts } = json as { hasNegative: boolean; parts: JsonValue[] }
    const texts = hasNegative ? 2 : 1
    const [text, negative] = parts.slice(0, texts).map((part, i) => {
      return decodeText({ json: part, blobs: blobs.slice(2 * i, 2 * i + 2) })
    })
    const references = parts.slice(texts).map((part, i) => {
      return decodeReference({ json: part, blobs: [blobs[2 * texts + i]] })
    })
    return { text, ...(negative ? { negative } : {}), references }
  },
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

/** Every type that is not a param's. */
export const valueTypes: readonly SocketType<unknown>[] = [
  imageType,
  maskType,
  latentType,
  modelType,
  textEmbeddingType,
  referenceType,
  conditionsType,
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
    dataset: datasetType,
    adapter: adapterType,
    losses: lossesType,
  }),
}
