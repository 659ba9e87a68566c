// The mini model's pipeline, from prompts and reference pictures to a picture.
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  decodePicture,
  denoise,
  type EncodedReference,
  encodeReference,
  encodeText,
  gaussianNoise,
  type Model,
  modelFiles,
  openModel,
  type RgbImage,
  unpackLatents,
  withLoras,
} from '@dreamgraph/dreamo'
import type { Runtime } from '@dreamgraph/runtime'
import { gradient } from '../gradient.js'
import { settings } from './settings.js'

/** What a picture is made of and by. */
export interface MiniScene {
  readonly model: Model
  readonly images: readonly RgbImage[]
  readonly noise: Float32Array
}

const folder = fileURLToPath(new URL('../../../models/mini', import.meta.url))

/** The model that ships, LoRA fused, and two references. */
export async function openMini(runtime: Runtime): Promise<MiniScene> {
  const base = await openModel(await modelFiles(folder), runtime)
  const lora = { path: join(folder, 'DreamO/dreamo.safetensors'), weight: 1 }
  const model = await withLoras({ ...base, loraMode: 'fused' }, [lora])
  const { rows, columns } = settings.grid
  const noise = gaussianNoise(rows * columns * model.transformer.config.inChannels, {
    ...{ seed: 1n, stream: 'latent', index: 0 },
  })
  return { model, images: [gradient(64, 3), gradient(64, 7)], noise }
}

/** Nothing is kept from one picture to the next but sessions. `onStep` is told after each step. */
export async function paintMini({ model, images, noise }: MiniScene, onStep = () => {}): Promise<RgbImage> {
  const { prompts, textTokens, steps, trueCfg, grid } = settings
  const [text, negative] = [
    await encodeText(model, prompts[0], { maxTokens: textTokens }),
    await encodeText(model, prompts[1], { maxTokens: textTokens }),
  ]
  const references: EncodedReference[] = []
  for (const [i, image] of images.entries()) {
    const reference = { image, slot: i + 1, task: 'ip' } as const
    references.push(await encodeReference(model, reference, { draw: { kind: 'mode' } }))
  }
  const latents = await denoise(model, {
    ...{ noise, grid, text, references, steps, guidance: 1, onStep },
    trueCfg: { negative, scale: trueCfg, startStep: 0, endStep: steps, guidance: 1 },
  })
  const channels = model.vae.config.latentChannels
  const [height, width] = [2 * grid.rows, 2 * grid.columns]
  return decodePicture(model, {
    ...{ channels, height, width },
    data: unpackLatents(latents, { batch: 1, channels, height, width }),
  })
}
