// The autoencoder once more, on whole pictures and with latents as a sampler leaves them: crops taught it norms over crops, and
// that every latent is exact.
import { autoencoderLosses, gaussianNoise, type Parameters, parametersOf, type VaeConfig } from '@dreamgraph/dreamo'
import { input, sizeOf } from '@dreamgraph/onnx'
import type { Runtime } from '@dreamgraph/runtime'
import { type Checkpoint, rngOf, stepSeed, type Trainables, trainWhole } from '@dreamgraph/train'
import { toFloat32, type WeightSet } from '@dreamgraph/weights'
import { type AutoencoderRun, type LossWeights, optimizer, weighted } from './autoencoder.js'
import { imageSide } from './sizes.js'
import { pictureBatch } from './world-pictures.js'

export const emaDecay = 0.995
/** Colours count twice: small things in two of them came out grey. Contrast: wax strokes came out as pale as a wash. */
export const pictureWeights = { squares: 1, absolutes: 0.1, edges: 1, colours: 1, contrast: 4 }
const weights: LossWeights = { ...pictureWeights, divergence: 5e-5 }
/** Noise on latents goes from none to this, in units of their root mean square; what the mini model paints is off by 0.45 of it. */
const mostNoise = 0.5

export type WholePicturesRun = Omit<AutoencoderRun, 'size' | 'shape'>

/** Trains to the last step; the running means of the state are the weights that have learnt. Throws what trainWhole throws. */
export async function trainOnPictures(
  runtime: Runtime,
  vae: { readonly config: VaeConfig; readonly weights: WeightSet },
  { batch, seed, steps, peakRate, ...place }: WholePicturesRun,
): Promise<Checkpoint> {
  const { parameters, trainables } = trainable(vae.weights, '')
  const side = imageSide / vae.config.downscale
  const image = input('image', [batch, 3, imageSide, imageSide])
  const pixelWeights = input('pixel weights', [batch, 1, imageSide, imageSide])
  const epsilon = input('epsilon', [batch, vae.config.latentChannels, side, side])
  const noise = input('noise', [batch, 1, 1, 1])
  const losses = autoencoderLosses(parameters, vae.config, { image, pixelWeights, epsilon, noise })
  const { squares, absolutes, edges, colours, contrast, divergence } = losses
  return trainWhole(runtime, {
    ...place,
    name: 'whole pictures',
    trainables,
    initial: await valuesOf(vae.weights, trainables),
    loss: weighted(losses, weights),
    reported: { squares, absolutes, edges, colours, contrast, divergence },
    feeds(step) {
      const pictures = pictureBatch({ seed, step, batch })
      const normals = gaussianNoise(sizeOf(epsilon.shape), { seed, stream: 'latent', index: step })
      const amounts = Float32Array.from({ length: batch }, (_, i) => mostNoise * rngOf(stepSeed(seed, step, i))())
      return {
        image: { dtype: 'float32', shape: image.shape, data: pictures.data },
        'pixel weights': { dtype: 'float32', shape: pixelWeights.shape, data: pictures.weights },
        epsilon: { dtype: 'float32', shape: epsilon.shape, data: normals },
        noise: { dtype: 'float32', shape: noise.shape, data: amounts },
      }
    },
    optimizer,
    clipNorm: 1,
    emaDecay,
    schedule: { peak: peakRate, warmupSteps: 50, decay: 'cosine', floor: 0.02, steps },
    identity: JSON.stringify({ part: 'pictures', shape: unscaled(vae.config), weights, mostNoise, optimizer }),
  })
}

/** What these have learnt so far. */
export async function valuesOf(weights: WeightSet, trainables: Trainables): Promise<Map<string, Float32Array>> {
  const names = [...trainables.keys()]
  const values = await Promise.all(names.map((name) => toFloat32(weights.get(name)!)))
  return new Map(names.map((name, i) => [name, values[i]]))
}

/** All of it but the statistics, which what is written in the end has anew. */
export const unscaled = (config: VaeConfig): VaeConfig => ({ ...config, scalingFactor: 1, shiftFactor: 0 })

/** Weights whose names begin so as inputs that learn, the others as constants. */
export function trainable(from: WeightSet, prefix: string): { parameters: Parameters; trainables: Trainables } {
  const frozen = parametersOf(from)
  const trainables: Trainables = new Map(
    [...from]
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, { shape }]) => [name, input(name, shape as readonly number[])]),
  )
  const parameters: Parameters = {
    weight: (key, shape) => trainables.get(key) ?? frozen.weight(key, shape),
    branches: () => [],
  }
  return { parameters, trainables }
}
