// Trains the autoencoder of the mini model on pictures of the world. Resumes from the newest checkpoint in its folder.
import { type AutoencoderLosses, autoencoderLosses, gaussianNoise, parseVaeConfig } from '@dreamgraph/dreamo'
import { add, constant, input, mul, sizeOf, type Tensor } from '@dreamgraph/onnx'
import type { Runtime } from '@dreamgraph/runtime'
import {
  type AdamWConfig,
  allTrainable,
  type Checkpoint,
  initialValues,
  type Trainables,
  trainWhole,
  type WholeRun,
} from '@dreamgraph/train'
import { vaeConfig } from './configs.js'
import { cropBatch } from './world-pictures.js'

export interface AutoencoderRun extends Pick<WholeRun, 'folder' | 'checkpointEvery' | 'signal' | 'onStep'> {
  readonly steps: number
  readonly batch: number
  /** Side of the crops, pixels. */
  readonly size: number
  readonly seed: bigint
  readonly peakRate: number
  /** The mini model's unless told. */
  readonly shape?: typeof vaeConfig
}

export const optimizer: AdamWConfig = { betas: [0.9, 0.99], epsilon: 1e-8, weightDecay: 0 }
const emaDecay = 0.998
/**
 * Squares, because where a detail is not yet known, absolute errors are least for the flat colour around it, and eyes and
 * patterns never appear. The divergence only keeps latents near the size that the sampler's noise has.
 */
export const weights = { squares: 1, absolutes: 0.1, edges: 1, divergence: 5e-5 }

/** Trains to the last step; the running means of the state are the model. Throws what trainWhole throws. */
export function trainAutoencoder(runtime: Runtime, run: AutoencoderRun): Promise<Checkpoint> {
  const { batch, size, seed, steps, peakRate, shape = vaeConfig, ...place } = run
  const config = parseVaeConfig({ ...shape, scaling_factor: 1, shift_factor: 0 })
  const { parameters, trainables } = allTrainable()
  const latentSize = size / config.downscale
  const latents = [batch, config.latentChannels, latentSize, latentSize]
  const image = input('image', [batch, 3, size, size])
  const losses = autoencoderLosses(parameters, config, { image, epsilon: input('epsilon', latents) })
  const { squares, absolutes, edges, divergence } = losses
  return trainWhole(runtime, {
    ...place,
    name: 'autoencoder',
    trainables,
    initial: startValues(trainables, seed),
    loss: weighted(losses, weights),
    reported: { squares, absolutes, edges, divergence },
    feeds(step) {
      const epsilon = gaussianNoise(sizeOf(latents), { seed, stream: 'latent', index: step })
      return {
        image: { dtype: 'float32', shape: image.shape, data: cropBatch({ seed, step, batch, size }).data },
        epsilon: { dtype: 'float32', shape: latents, data: epsilon },
      }
    },
    optimizer,
    clipNorm: 1,
    emaDecay,
    schedule: { peak: peakRate, warmupSteps: 100, decay: 'cosine', floor: 0.05, steps },
    identity: JSON.stringify({ vaeConfig: shape, weights, optimizer }),
  })
}

export type LossWeights = Partial<Record<keyof AutoencoderLosses, number>>

/** The sum of losses, each by its weight; one without a weight is left out. */
export function weighted<Name extends string>(
  losses: Readonly<Record<Name, Tensor>>,
  factors: { readonly [one in Name]?: number },
): Tensor {
  const terms = Object.entries<number>(factors as Record<string, number>).map(([name, factor]) =>
    mul(losses[name as Name], constant(factor)),
  )
  return terms.reduce((a, b) => add(a, b))
}

function startValues(trainables: Trainables, seed: bigint): Map<string, Float32Array> {
  const shapes = [...trainables].map(([name, { shape }]) => ({ name, shape }))
  const values = Object.entries(initialValues(shapes, seed))
  return new Map(values.map(([name, { data }]) => [name, data as Float32Array]))
}
