// A complete small model folder with random weights: the whole pipe runs on it, and what it paints means nothing.
import { join } from 'node:path'
import { clipTokenizerFiles, fluxFolderTexts, t5TokenizerFiles } from '@dreamgraph/dreamo'
import { writeFileAtomic } from '@dreamgraph/store'
import { type TensorSource, writeSafetensors } from '@dreamgraph/weights'
import { type NamedShape, weightShapes } from './architecture.js'
import { type RandomModelConfigs, smallConfigs } from './configs.js'
import { loraShapes } from './lora-shapes.js'
import { drawnValues, loraSpread, SharedNoise, weightSpread } from './values.js'

export interface RandomModelOptions {
  readonly seed: bigint
  /** Default: the smallest of everything, under 2 MB in all. */
  readonly configs?: RandomModelConfigs
  /** Of every checkpoint. Default BF16, as FLUX.1-dev comes. */
  readonly dtype?: 'BF16' | 'F32'
  /** LoRA files beside the model, by path. Default: all that the presets ask for, of small ranks. */
  readonly loras?: Readonly<Record<string, readonly NamedShape[]>>
  /** All tensors are cut from one stretch of noise: for models whose size matters and not what they compute. */
  readonly isNoiseShared?: boolean
}

/**
 * Writes a FLUX.1-dev folder with DreamO's files beside it, as they are published.
 * The same seed gives the same bytes everywhere. Existing files of the same names are replaced.
 */
export async function writeRandomModel(folder: string, options: RandomModelOptions): Promise<void> {
  const { seed, configs = smallConfigs, dtype = 'BF16', loras = loraShapes(configs), isNoiseShared } = options
  const texts = fluxFolderTexts({
    ...configs,
    clipTokenizer: clipTokenizerFiles(),
    t5Tokenizer: t5TokenizerFiles(),
  })
  for (const [file, text] of Object.entries(texts)) await writeFileAtomic(join(folder, file), text)
  const checkpoints = [
    ...Object.entries(weightShapes(configs)).map(([file, shapes]) => ({ file, shapes, spreadOf: weightSpread })),
    ...Object.entries(loras).map(([file, shapes]) => ({ file, shapes, spreadOf: loraSpread })),
  ]
  const shared = isNoiseShared ? new SharedNoise(seed, dtype) : undefined
  for (const { file, shapes, spreadOf } of checkpoints) {
    const tensor = (shape: NamedShape): TensorSource => ({
      ...shape,
      dtype,
      data: async () => shared?.cut(shape, spreadOf, file) ?? drawnValues(shape, spreadOf, { seed, file }),
    })
    await writeSafetensors(join(folder, file), shapes.map(tensor), { format: 'pt' })
  }
}
