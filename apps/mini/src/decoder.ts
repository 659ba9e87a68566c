// The autoencoder's decoder alone, on whole pictures, with the encoder as it is: latents stay what they were, so a base and an
// adapter that know them stay right.
import { autoencoderLosses, gaussianNoise, type Parameters, parametersOf, type VaeConfig } from '@dreamgraph/dreamo'
import { input, sizeOf } from '@dreamgraph/onnx'
import type { Runtime } from '@dreamgraph/runtime'
import { type Checkpoint, type Trainables, trainWhole } from '@dreamgraph/train'
import { toFloat32, type WeightSet } from '@dreamgraph/weights'
import { type AutoencoderRun, weights as autoencoderWeights, optimizer, weighted } from './autoencoder.js'
import { imageSide } from './sizes.js'
import { pictureBatch } from './world-crops.js'

const emaDecay = 0.995
/** Without what latents are held by. */
const { divergence: _, ...weights } = autoencoderWeights
const prefix = 'decoder.'

/** Trains to the last step; the running means of the state are the decoder's weights. Throws what trainWhole throws. */
export async function trainDecoder(
  runtime: Runtime,
  vae: { readonly config: VaeConfig; readonly weights: WeightSet },
  { batch, seed, steps, peakRate, ...place }: Omit<AutoencoderRun, 'size'>,
): Promise<Checkpoint> {
  const { parameters, trainables } = decoderTrainable(vae.weights)
  const side = imageSide / vae.config.downscale
  const image = input('image', [batch, 3, imageSide, imageSide])
  const epsilon = input('epsilon', [batch, vae.config.latentChannels, side, side])
  const losses = autoencoderLosses(parameters, vae.config, { image, epsilon })
  const { squares, absolutes, edges } = losses
  const initial = [...trainables.keys()].map(async (name) => [name, await toFloat32(vae.weights.get(name)!)] as const)
  return trainWhole(runtime, {
    ...place,
    name: 'decoder',
    trainables,
    initial: new Map(await Promise.all(initial)),
    loss: weighted(losses, weights),
    reported: { squares, absolutes, edges },
    feeds: (step) => ({
      image: { dtype: 'float32', shape: image.shape, data: pictureBatch({ seed, step, batch }) },
      epsilon: {
        ...{ dtype: 'float32', shape: epsilon.shape },
        data: gaussianNoise(sizeOf(epsilon.shape), { seed, stream: 'latent', index: step }),
      },
    }),
    optimizer,
    clipNorm: 1,
    emaDecay,
    schedule: { peak: peakRate, warmupSteps: 50, decay: 'cosine', floor: 0.02, steps },
    identity: JSON.stringify({ part: 'decoder', vae: vae.config, weights, optimizer }),
  })
}

/** The encoder's weights as constants, the decoder's as inputs that learn. */
function decoderTrainable(from: WeightSet): { parameters: Parameters; trainables: Trainables } {
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
