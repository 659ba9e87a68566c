// Data of the last stage: pictures that the base makes from words, and as reference the subject cut out of each where the
// words put it. Nothing in them is better than the base, which is the point: the adapter is drawn back to what it paints.
import {
  decodePicture,
  denoise,
  encodeText,
  gaussianNoise,
  type Model,
  type RgbImage,
  unpackLatents,
} from '@dreamgraph/dreamo'
import { maskOfTokens } from '@dreamgraph/train'
import { difficultyOf, renderSample, type SampleReference } from '@dreamgraph/world'
import { textTokens } from './configs.js'
import { type DataHooks, type DataName, type EncodedSample, oneByOne, writeDataFiles } from './data-files.js'
import { imageGrid, imageSide, imageTokens, referenceSide, tokenChannels } from './sizes.js'
import { pictureEncoder, wordsOf } from './world-data.js'

export interface QualityDataRequest extends DataName {
  readonly seed: string
}

/** Makes what is not there yet. `model` is the plain base. */
export async function writeQualityData(
  model: Model,
  request: QualityDataRequest,
  hooks: DataHooks = {},
): Promise<void> {
  const encode = pictureEncoder(model.sessions, model.vae)
  const makeOne = async (index: number): Promise<EncodedSample> => {
    const { seed } = request
    const sample = renderSample({
      seed,
      index,
      split: 'train',
      task: 'subject',
      difficulty: difficultyOf(0),
      placeholders: 'always',
    })
    const latents = await denoise(model, {
      noise: gaussianNoise(imageTokens * tokenChannels, { seed: BigInt(index), stream: 'latent', index: 0 }),
      grid: imageGrid,
      text: await encodeText(model, sample.describedCaption, { maxTokens: textTokens }),
      references: [],
      steps: 12,
      guidance: 1,
    })
    const shape = { batch: 1, channels: tokenChannels / 4, height: 2 * imageGrid.rows, width: 2 * imageGrid.columns }
    const picture = await decodePicture(model, { ...shape, data: unpackLatents(latents, shape) })
    const [reference] = sample.references
    const { xPx, yPx } = sample.scene.actors[0].placement
    const [tokens] = await encode([cutOut(picture, reference.targetMask!, { xPx, yPx })], referenceSide)
    const mask = maskOfTokens(reference.targetMask!.data, imageGrid)
    return { words: wordsOf(sample), latents, references: [{ latents: tokens, mask }] }
  }
  await writeDataFiles(request, oneByOne(makeOne, hooks), hooks)
}

/** The box of a subject out of a picture, white where its mask is not. */
function cutOut(
  picture: RgbImage,
  mask: NonNullable<SampleReference['targetMask']>,
  { xPx, yPx }: { xPx: number; yPx: number },
): { data: Uint8Array } {
  const data = new Uint8Array(referenceSide * referenceSide * 3).fill(255)
  for (let y = 0; y < referenceSide; y++) {
    for (let x = 0; x < referenceSide; x++) {
      const from = (yPx + y) * imageSide + xPx + x
      if (mask.data[from] < 128) continue
      for (let c = 0; c < 3; c++) data[(y * referenceSide + x) * 3 + c] = picture.data[from * 3 + c]
    }
  }
  return { data }
}
