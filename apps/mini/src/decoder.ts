// The autoencoder's decoder alone, on whole pictures, with the encoder as it is: latents stay what they were, so a base and an
// adapter that know them stay right.
import { autoencoderLosses, gaussianNoise, type Parameters, parametersOf, type VaeConfig } from '@dreamgraph/dreamo'
import { add, constant, input, mul, sizeOf } from '@dreamgraph/onnx'
import type { Runtime } from '@dreamgraph/runtime'
import { type AdamWConfig, type Checkpoint, type Trainables, trainWhole, type WholeRun } from '@dreamgraph/train'
import { toFloat32, type WeightSet } from '@dreamgraph/weights'
import { imageSide } from './sizes.js'
import { pictureBatch } from './world-crops.js'

export interface DecoderRun extends Pick<WholeRun, 'folder' | 'checkpointEvery' | 'signal' | 'onStep'> {
  readonly steps: number
  readonly batch: number
  readonly seed: bigint
  readonly peakRate: number
}

const optimizer: AdamWConfig = { betas: [0.9, 0.99], epsilon: 1e-8, weightDecay: 0 }
const emaDecay = 0.995
/** As of the whole autoencoder, without what its latents are held by. */
const weights = { squares: 1, absolutes: 0.1, edges: 1 }
const prefix = 'decoder.'

/** Trains to the last step; the running means of the state are the decoder's weights. Throws what trainWhole throws. */
export async function trainDecoder(
  runtime: Runtime,
  vae: { readonly config: VaeConfig; readonly weights: WeightSet },
  { batch, seed, steps, peakRate, ...place }: DecoderRun,
): Promise<Checkpoint> {
  const { parameters, trainables } = decoderTrainable(vae.weights)
  const side = imageSide / vae.config.downscale
  const image = input('image', [batch, 3, imageSide, imageSide])
  const epsilon = input('epsilon', [batch, vae.config.latentChannels, side, side])
  const losses = autoencoderLosses(parameters, vae.config, { image, epsilon })
  const { squares, absolutes, edges } = losses
  const terms = Object.entries({ squares, absolutes, edges }).map(([name, term]) =>
    mul(term, constant(weights[name as keyof typeof weights])),
  )
  const initial = [...trainables.keys()].map(async (name) => [name, await toFloat32(vae.weights.get(name)!)] as const)
  return trainWhole(runtime, {
    ...place,
    name: 'decoder',
    trainables,
    initial: new Map(await Promise.all(initial)),
    loss: terms.reduce((a, b) => add(a, b)),
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
