// Random values of a sane size: every layer roughly keeps the scale of what goes through it.
import { createHash } from 'node:crypto'
import { gaussianNoise } from '@dreamgraph/dreamo'
import { encodeFloats } from '@dreamgraph/weights'
import type { NamedShape } from './architecture.js'

/** Values are `mean + deviation · normal`. */
interface Spread {
  readonly mean: number
  readonly deviation: number
}

export type SpreadOf = (shape: NamedShape) => Spread

/** Variance 1 / inputs, so that a layer's output is as large as its input (LeCun's rule). */
export const weightSpread: SpreadOf = ({ name, shape }) => {
  if (name.endsWith('.bias')) return { mean: 0, deviation: 0.02 }
  if (shape.length === 1) return { mean: 1, deviation: 0.1 } // gain of a norm
  const inputs = shape.slice(1).reduce((product, size) => product * size, 1)
  return { mean: 0, deviation: gainOf(name) / Math.sqrt(inputs) }
}

/** A low-rank change a tenth as large as the weight it is added to. */
export const loraSpread: SpreadOf = ({ name, shape }) => {
  if (name.includes('_embedding')) return { mean: 0, deviation: 0.3 }
  const isUp = /\.(up|lora_B)\.weight$/.test(name)
  return { mean: 0, deviation: (isUp ? 0.1 : 1) / Math.sqrt(shape[1]!) }
}

const logVarianceHead = 'encoder.conv_out.weight'

function gainOf(name: string): number {
  if (name.endsWith('SelfAttention.q.weight')) return 0.3 // T5 does not divide scores by √d
  if (name === logVarianceHead) return 4 // latents are multiplied by 0.36 and should end near 1
  if (name === 'decoder.conv_out.weight') return 0.6 // most pixels within −1..1
  return 1
}

export interface Draw {
  readonly seed: bigint
  /** The checkpoint that the tensor lies in: the same name in two files has values of its own. */
  readonly file: string
}

/** The values of one tensor, with noise of its own. */
export function drawnValues(tensor: NamedShape, spreadOf: SpreadOf, { seed, file }: Draw): Float32Array {
  const { mean, deviation } = spreadOf(tensor)
  const index = placeOf(tensor, file)
  const values = gaussianNoise(countOf(tensor), { seed, stream: 'latent', index })
  for (let i = 0; i < values.length; i++) values[i] = mean + deviation * values[i]!
  return tensor.name === logVarianceHead ? quietLogVariance(values) : values
}

/** The second half of the encoder's channels is log-variance: near zero, a reference hardly depends on its draw. */
function quietLogVariance(values: Float32Array): Float32Array {
  return values.map((value, i) => (i < values.length / 2 ? value : 0.01 * value))
}

/**
 * Bytes of tensors that are all cut from one stretch of noise, at disk speed: for models whose size matters and not what they
 * compute.
 */
export class SharedNoise {
  readonly #normals: Float32Array
  readonly #dtype: 'BF16' | 'F32'
  /** The stretch at each spread, as stored. */
  readonly #stretches = new Map<string, Uint8Array>()

  constructor(seed: bigint, dtype: 'BF16' | 'F32') {
    this.#normals = gaussianNoise(stretchLength, { seed, stream: 'latent', index: 0 })
    this.#dtype = dtype
  }

  cut(tensor: NamedShape, spreadOf: SpreadOf, file: string): Uint8Array {
    const size = this.#dtype === 'BF16' ? 2 : 4
    const stretch = this.#stretch(spreadOf(tensor))
    const bytes = new Uint8Array(countOf(tensor) * size)
    let from = (placeOf(tensor, file) % stretchLength) * size
    for (let at = 0; at < bytes.length; from = 0) {
      const part = stretch.subarray(from, from + bytes.length - at)
      bytes.set(part, at)
      at += part.length
    }
    return bytes
  }

  #stretch({ mean, deviation }: Spread): Uint8Array {
    const key = `${mean} ${deviation}`
    const known = this.#stretches.get(key)
    if (known) return known
    const values = this.#normals.map((value) => mean + deviation * value)
    const made = encodeFloats(values, this.#dtype, 'noise')
    this.#stretches.set(key, made)
    return made
  }
}

/** A prime, so that rows of no width repeat. */
const stretchLength = 1_048_573

const countOf = ({ shape }: NamedShape): number => shape.reduce((product, size) => product * size, 1)

const placeOf = ({ name }: NamedShape, file: string): number =>
  createHash('sha256').update(`${file}\0${name}`).digest().readUInt32LE()
