// What the sampler makes of pictures of the world: latents as the decoder meets them, off in the way that this model is off.
import {
  denoise,
  encodePicture,
  gaussianNoise,
  type Model,
  packLatents,
  preset,
  scaleNoise,
  schedule,
} from '@dreamgraph/dreamo'
import { conditionsOf } from '@dreamgraph/eval'
import { difficultyOf, renderSample, type Sample, type Task } from '@dreamgraph/world'
import { textTokens } from './configs.js'
import { type DataHooks, type DataName, type EncodedSample, oneByOne, writeDataFiles } from './data-files.js'
import { imageGrid, imageTokens, tokenChannels } from './sizes.js'
import { wordsOf } from './world-data.js'

export interface PaintedDataRequest extends DataName {
  readonly seed: string
}

const { steps, guidance, trueCfg: scale } = preset('mini', { turbo: false })
/** Half of the pictures are about styles, whose textures the sampler leaves faint. */
const order: readonly Task[] = ['style', 'style-text', 'text', 'subject', 'subjects', 'subjects', 'identity', 'style']
const difficulty = { ...difficultyOf(0), style: 0.6 }

/** The picture that painted latents of this number are of. */
export const paintedSample = (seed: string, index: number): Sample =>
  renderSample({ seed, index, split: 'train', task: order[index % order.length], difficulty })

/**
 * Paints what is not there yet. From pure noise there would be no telling which pixels are right: each picture is noised to
 * a step of the schedule, from the fourth to the tenth, or not at all, and the sampler goes on from there.
 */
export async function writePaintedData(
  model: Model,
  request: PaintedDataRequest,
  hooks: DataHooks = {},
): Promise<void> {
  const { sigmas } = schedule(model.scheduler, { steps, imageTokens })
  const makeOne = async (index: number): Promise<EncodedSample> => {
    const sample = paintedSample(request.seed, index)
    const fromStep = firstStep(index)
    const { data, height, width } = await encodePicture(model, { ...sample.target, channels: 3 })
    const clean = packLatents(data, { batch: 1, channels: tokenChannels / 4, height, width })
    const normals = gaussianNoise(clean.length, { seed: BigInt(index), stream: 'latent', index: 0 })
    const { text, references, negative } = await conditionsOf(model, { sample }, { textTokens })
    const latents = await denoise(model, {
      noise: scaleNoise(clean, normals, sigmas[fromStep]),
      ...{ grid: imageGrid, text, references, steps, fromStep, guidance },
      trueCfg: { negative, scale, startStep: 0, endStep: steps, guidance },
    })
    return { words: wordsOf(sample), latents, references: [] }
  }
  await writeDataFiles(request, oneByOne(makeOne, hooks), hooks)
}

/** In turn with the tasks' order, of which there are as many, but not in step with it. */
function firstStep(index: number): number {
  const turn = (index + Math.floor(index / order.length)) % 8
  return turn === 7 ? steps : 3 + turn
}
