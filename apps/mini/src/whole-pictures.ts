// The autoencoder once more, on whole pictures and with latents as a sampler leaves them: crops taught it norms over crops, and
// that every latent is exact.
import { autoencoderLosses, gaussianNoise } from '@dreamgraph/dreamo'
import { input, sizeOf } from '@dreamgraph/onnx'
import type { Runtime } from '@dreamgraph/runtime'
import { type Checkpoint, rngOf, stepSeed, trainWhole } from '@dreamgraph/train'
import { type LossWeights, optimizer, weighted } from './autoencoder.js'
import { emaDecay, learningOf, pictureWeights, unscaled, type Vae, type WholePicturesRun } from './learning-vae.js'
import { imageSide } from './sizes.js'
import { pictureBatch } from './world-pictures.js'

const weights: LossWeights = { ...pictureWeights, divergence: 5e-5 }
/** Noise on latents goes from none to this, in units of their root mean square; what the mini model paints is off by 0.45 of it. */
const mostNoise = 0.5

/** Trains to the last step; the running means of the state are the weights that have learnt. Throws what trainWhole throws. */
export async function trainOnPictures(
  runtime: Runtime,
  vae: Vae,
  { batch, seed, steps, peakRate, ...place }: WholePicturesRun,
): Promise<Checkpoint> {
  const { parameters, trainables, initial } = await learningOf(vae)
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
    initial,
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
