// Random values of a sane size: every layer roughly keeps the scale of what goes through it.
import { createHash } from 'node:crypto'
import { gaussianNoise } from '@dreamgraph/dreamo'
import type { NamedShape } from './architecture.js'

interface Draw {
  readonly seed: bigint
  /** The checkpoint that the tensor lies in: the same name in two files has values of its own. */
  readonly file: string
}

/** Normal values with variance 1 / inputs, so that a layer's output is as large as its input (LeCun's rule). */
export function weightValues({ name, shape }: NamedShape, draw: Draw): Float32Array {
  const noise = normals({ name, shape }, draw)
  if (name.endsWith('.bias')) return noise.map((value) => 0.02 * value)
  if (shape.length === 1) return noise.map((value) => 1 + 0.1 * value) // gain of a norm
  const inputs = shape.slice(1).reduce((product, size) => product * size, 1)
  const scale = gainOf(name) / Math.sqrt(inputs)
  const values = noise.map((value) => scale * value)
  return name === logVarianceHead ? quietLogVariance(values) : values
}

/** A low-rank change a tenth as large as the weight it is added to. */
export function loraValues({ name, shape }: NamedShape, draw: Draw): Float32Array {
  const noise = normals({ name, shape }, draw)
  if (name.includes('_embedding')) return noise.map((value) => 0.3 * value)
  const isUp = /\.(up|lora_B)\.weight$/.test(name)
  const scale = (isUp ? 0.1 : 1) / Math.sqrt(shape[1]!)
  return noise.map((value) => scale * value)
}

const logVarianceHead = 'encoder.conv_out.weight'

function gainOf(name: string): number {
  if (name.endsWith('SelfAttention.q.weight')) return 0.3 // T5 does not divide scores by √d
  if (name === logVarianceHead) return 4 // latents are multiplied by 0.36 and should end near 1
  if (name === 'decoder.conv_out.weight') return 0.6 // most pixels within −1..1
  return 1
}

/** The second half of the encoder's channels is log-variance: near zero, a reference hardly depends on its draw. */
function quietLogVariance(values: Float32Array): Float32Array {
  return values.map((value, i) => (i < values.length / 2 ? value : 0.01 * value))
}

function normals({ name, shape }: NamedShape, { seed, file }: Draw): Float32Array {
  const length = shape.reduce((product, size) => product * size, 1)
  const index = createHash('sha256').update(`${file}\0${name}`).digest().readUInt32LE()
  return gaussianNoise(length, { seed, stream: 'latent', index })
}
