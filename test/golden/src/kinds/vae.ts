// Autoencoder cases: every named tensor of encoder and decoder, and the arithmetic between them.
import { join } from 'node:path'
import {
  decodeImage,
  denormalizeLatents,
  encodeImage,
  normalizeLatents,
  openComponent,
  parametersOf,
  Sessions,
  sampleMoments,
} from '@dreamgraph/dreamo'
import { input } from '@dreamgraph/onnx'
import type { Runtime, TensorData } from '@dreamgraph/runtime'
import type { GoldenCase } from '../case-folder.js'
import { type Computed, collector } from '../computed.js'

type VaeComponent = Awaited<ReturnType<typeof openComponent<'vae'>>>

export async function runVaeCase(golden: GoldenCase, runtime: Runtime): Promise<Computed> {
  const vae = await openComponent('vae', join(golden.dir, 'weights', 'vae'))
  const { batch } = golden.params
  const floats = (name: string): TensorData => ({ dtype: 'float32', ...golden.tensor(name) })
  const encoded = await encode(vae, runtime, floats('image'))
  const moments = encoded.moments as Float32Array
  const size = moments.length / batch / 2

  // [B, 2C, h, w] → per picture: mean, then log-variance.
  const perPicture = (read: (one: TensorData, i: number) => Float32Array): Float32Array => {
    const parts = Array.from({ length: batch }, (_, i) => {
      const data = moments.slice(2 * size * i, 2 * size * (i + 1))
      return read({ dtype: 'float32', shape: [1, 32, ...golden.tensor('eps').shape.slice(2)], data }, i)
    })
    return concatenate(parts)
  }
  const { data: eps } = golden.tensor('eps')
  const mean = perPicture((one) => sampleMoments(one))
  const sample = perPicture((one, i) => sampleMoments(one, eps.subarray(size * i, size * (i + 1))))
  const zeroMean = (one: TensorData): TensorData => ({
    ...one,
    data: (one.data as Float32Array).map((x, i) => (i < size ? 0 : x)),
  })
  const std = perPicture((one) => sampleMoments(zeroMean(one), new Float32Array(size).fill(1)))
  const logvar = std.map((x) => 2 * Math.log(x))
  const decoderInput = denormalizeLatents(golden.tensor('latent').data, vae.config)
  const shape = golden.tensor('latent').shape
  const decoded = await decode(vae, runtime, { dtype: 'float32', shape, data: decoderInput })
  const reconstruction = await decode(vae, runtime, { dtype: 'float32', shape, data: mean })

  const computed: Computed = new Map(
    Object.entries({ ...firstPictures(encoded, batch), ...firstPictures(decoded, batch) }),
  )
  for (const [name, values] of Object.entries({
    moments,
    mean,
    mode: mean,
    logvar,
    std,
    sample,
    model_latent: normalizeLatents(sample, vae.config),
    decoder_input: decoderInput,
    decoded: decoded.decoded,
    reconstruction: reconstruction.decoded,
  })) {
    computed.set(name, values)
  }
  return computed
}

/** The encoder with every inner tensor that has a name. */
export async function encode(
  { config, weights }: VaeComponent,
  runtime: Runtime,
  image: TensorData,
): Promise<Record<string, Float32Array>> {
  const { outputs, probe } = collector()
  outputs.moments = encodeImage(parametersOf(weights), config, input('image', image.shape), probe)
  return valuesOf(await (await new Sessions(runtime).of('golden VAE encoder', outputs)).run({ image }))
}

/** The decoder with every inner tensor that has a name. */
export async function decode(
  { config, weights }: VaeComponent,
  runtime: Runtime,
  latents: TensorData,
): Promise<Record<string, Float32Array>> {
  const { outputs, probe } = collector()
  outputs.decoded = decodeImage(parametersOf(weights), config, input('latents', latents.shape), probe)
  return valuesOf(await (await new Sessions(runtime).of('golden VAE decoder', outputs)).run({ latents }))
}

const valuesOf = (results: Record<string, TensorData>): Record<string, Float32Array> =>
  Object.fromEntries(Object.entries(results).map(([name, { data }]) => [name, data as Float32Array]))

/** Inner tensors are recorded for the first picture of the batch only. */
const firstPictures = (values: Record<string, Float32Array>, batch: number): Record<string, Float32Array> =>
  Object.fromEntries(Object.entries(values).map(([name, data]) => [name, data.subarray(0, data.length / batch)]))

function concatenate(parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((n, part) => n + part.length, 0))
  parts.reduce((at, part) => {
    all.set(part, at)
    return at + part.length
  }, 0)
  return all
}
