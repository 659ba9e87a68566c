// Values as JSON and bytes, and back: how they lie in the cache, and how they cross into the process of a node pack. It is
// in this folder because that process may read no other, and it imports types only.
import type { EncodedReference, EncodedText, Latent, RgbImage } from '@dreamgraph/dreamo'
import type { JsonValue } from '@dreamgraph/graph'

export interface EncodedValue {
  readonly json: JsonValue
  readonly blobs: readonly Uint8Array[]
}

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

export const encodeImage = ({ width, height, channels, data }: RgbImage): EncodedValue => ({
  json: { width, height, channels },
  blobs: [data],
})
export const decodeImage = ({ json, blobs }: EncodedValue): RgbImage => ({
  ...(json as unknown as Omit<RgbImage, 'data'>),
  data: plainBytes(blobs[0]!),
})

export const encodeLatent = ({ data, ...size }: Latent): EncodedValue => ({ json: size, blobs: [bytesOf(data)] })
export const decodeLatent = ({ json, blobs }: EncodedValue): Latent => ({
  ...(json as unknown as Omit<Latent, 'data'>),
  data: floatsOf(blobs[0]!),
})

export const encodeText = ({ prompt, states, pooled }: EncodedText): EncodedValue => ({
  json: { prompt, states: [...states.shape], pooled: [...pooled.shape] },
  blobs: [bytesOf(states.data as Float32Array), bytesOf(pooled.data as Float32Array)],
})
export function decodeText({ json, blobs }: EncodedValue): EncodedText {
  const { prompt, states, pooled } = json as { prompt: string; states: number[]; pooled: number[] }
  return {
    prompt,
    states: { dtype: 'float32', shape: states, data: floatsOf(blobs[0]!) },
    pooled: { dtype: 'float32', shape: pooled, data: floatsOf(blobs[1]!) },
  }
}

export const encodeReference = ({ tokens, slot, task, grid }: EncodedReference): EncodedValue => ({
  json: { slot, task, grid: { ...grid } },
  blobs: [bytesOf(tokens)],
})
export const decodeReference = ({ json, blobs }: EncodedValue): EncodedReference => ({
  ...(json as unknown as Omit<EncodedReference, 'tokens'>),
  tokens: floatsOf(blobs[0]!),
})

export function encodeConditions({ text, negative, references }: Conditions): EncodedValue {
  const parts = [encodeText(text), ...(negative ? [encodeText(negative)] : []), ...references.map(encodeReference)]
  return {
    json: { hasNegative: negative !== undefined, parts: parts.map(({ json }) => json) },
    blobs: parts.flatMap(({ blobs }) => blobs),
  }
}
export function decodeConditions({ json, blobs }: EncodedValue): Conditions {
  const { hasNegative, parts } = json as { hasNegative: boolean; parts: JsonValue[] }
  const texts = hasNegative ? 2 : 1
  const [text, negative] = parts.slice(0, texts).map((part, i) => {
    return decodeText({ json: part, blobs: blobs.slice(2 * i, 2 * i + 2) })
  })
  const references = parts.slice(texts).map((part, i) => {
    return decodeReference({ json: part, blobs: [blobs[2 * texts + i]!] })
  })
  return { text: text!, ...(negative ? { negative } : {}), references }
}
