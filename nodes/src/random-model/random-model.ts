// A complete small model folder with random weights: the whole pipe runs on it, and what it paints means nothing.
import { join } from 'node:path'
import { clipTokenizerFiles, fluxFolderTexts, t5TokenizerFiles } from '@dreamgraph/dreamo'
import { writeFileAtomic } from '@dreamgraph/store'
import { type TensorSource, writeSafetensors } from '@dreamgraph/weights'
import { type NamedShape, weightShapes } from './architecture.js'
import { type RandomModelConfigs, smallConfigs } from './configs.js'
import { loraShapes } from './lora-shapes.js'
import { loraValues, weightValues } from './values.js'

export interface RandomModelOptions {
  readonly seed: bigint
  /** Default: the smallest of everything, under 2 MB in all. */
  readonly configs?: RandomModelConfigs
  /** Of every checkpoint. Default BF16, as FLUX.1-dev comes. */
  readonly dtype?: 'BF16' | 'F32'
}

/**
 * Writes a FLUX.1-dev folder with DreamO's files beside it, as they are published.
 * The same seed gives the same bytes everywhere. Existing files of the same names are replaced.
 */
export async function writeRandomModel(folder: string, options: RandomModelOptions): Promise<void> {
  const { seed, configs = smallConfigs, dtype = 'BF16' } = options
  const texts = fluxFolderTexts({
    ...configs,
    clipTokenizer: clipTokenizerFiles(),
    t5Tokenizer: t5TokenizerFiles(),
  })
  for (const [file, text] of Object.entries(texts)) await writeFileAtomic(join(folder, file), text)
  const checkpoints = [
    ...Object.entries(weightShapes(configs)).map(([file, shapes]) => ({ file, shapes, values: weightValues })),
    ...Object.entries(loraShapes(configs)).map(([file, shapes]) => ({ file, shapes, values: loraValues })),
  ]
  for (const { file, shapes, values } of checkpoints) {
    const tensor = (shape: NamedShape): TensorSource => ({
      ...shape,
      dtype,
      data: values(shape, { seed, file }),
    })
    await writeSafetensors(join(folder, file), shapes.map(tensor), { format: 'pt' })
  }
}
