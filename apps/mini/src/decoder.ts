// The decoder on what the sampler leaves it. No noise that is drawn is off like a model is: what is fine comes out faint there,
// what is repeated uneven. Latents stay what base and adapter know.
import { decodeImage, denormalizeLatents, pictureLosses, unpackLatents, type VaeConfig } from '@dreamgraph/dreamo'
import { input, sizeOf } from '@dreamgraph/onnx'
import type { Runtime } from '@dreamgraph/runtime'
import { type Checkpoint, rngOf, stepSeed, trainWhole } from '@dreamgraph/train'
import { optimizer, weighted } from './autoencoder.js'
import { readDataFiles, type TrainingSamples } from './data-files.js'
import { emaDecay, learningOf, pictureWeights, unscaled, type Vae, type WholePicturesRun } from './learning-vae.js'
import { type PaintedDataRequest, paintedSample } from './painted-data.js'
import { imageSide } from './sizes.js'
import { copyCrop, levelled, weighThings } from './world-pictures.js'

export interface DecoderRun extends WholePicturesRun {
  /** What writePaintedData has painted. */
  readonly painted: PaintedDataRequest
}

/** Trains to the last step; the running means of the state are the weights that have learnt. Throws what trainWhole throws. */
export async function trainDecoder(
  runtime: Runtime,
  vae: Vae,
  { painted, batch, seed, steps, peakRate, ...place }: DecoderRun,
): Promise<Checkpoint> {
  const { config } = vae
  const { parameters, trainables, initial } = await learningOf(vae, 'decoder.')
  const side = imageSide / config.downscale
  const latents = input('latents', [batch, config.latentChannels, side, side])
  const image = input('image', [batch, 3, imageSide, imageSide])
  const pixelWeights = input('pixel weights', [batch, 1, imageSide, imageSide])
  const losses = pictureLosses(decodeImage(parameters, config, latents), image, pixelWeights)
  const samples = await readDataFiles(painted)
  return trainWhole(runtime, {
    ...place,
    name: 'decoder',
    trainables,
    initial,
    loss: weighted(losses, pictureWeights),
    reported: { ...losses },
    feeds(step) {
      const count = samples.words.length
      const numbers = Array.from({ length: batch }, (_, i) => Math.floor(rngOf(stepSeed(seed, step, i))() * count))
      const { data, weights, ...drawn } = paintedBatch(painted, samples, numbers, config)
      return {
        latents: { dtype: 'float32', shape: latents.shape, data: drawn.latents },
        image: { dtype: 'float32', shape: image.shape, data },
        'pixel weights': { dtype: 'float32', shape: pixelWeights.shape, data: weights },
      }
    },
    optimizer,
    clipNorm: 1,
    emaDecay,
    schedule: { peak: peakRate, warmupSteps: 50, decay: 'cosine', floor: 0.02, steps },
    identity: JSON.stringify({
      part: 'decoder',
      painted: [painted.seed, painted.samples],
      shape: unscaled(config),
      pictureWeights,
      optimizer,
    }),
  })
}

interface PaintedBatch {
  /** [batch, C, 16, 16] as the decoder reads them. */
  readonly latents: Float32Array
  /** [batch, 3, 128, 128] in −1..1. */
  readonly data: Float32Array
  /** What each pixel counts, [batch, 1, 128, 128]: 1 in the mean. */
  readonly weights: Float32Array
}

function paintedBatch(
  { seed }: PaintedDataRequest,
  samples: TrainingSamples,
  numbers: readonly number[],
  config: VaeConfig,
): PaintedBatch {
  const side = imageSide / config.downscale
  const shape = { batch: 1, channels: config.latentChannels, height: side, width: side }
  const [values, plane] = [sizeOf([config.latentChannels, side, side]), imageSide ** 2]
  const latents = new Float32Array(numbers.length * values)
  const data = new Float32Array(numbers.length * 3 * plane)
  const weights = new Float32Array(numbers.length * plane).fill(1)
  for (const [i, number] of numbers.entries()) {
    const sample = paintedSample(seed, number)
    const planes = denormalizeLatents(unpackLatents(samples.latents(number), shape), config)
    latents.set(planes, i * values)
    copyCrop(sample.target, { left: 0, top: 0, size: imageSide }, data.subarray(i * 3 * plane, (i + 1) * 3 * plane))
    weighThings(sample, weights.subarray(i * plane, (i + 1) * plane))
  }
  return { latents, data, weights: levelled(weights) }
}
