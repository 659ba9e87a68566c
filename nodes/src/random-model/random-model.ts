// A complete small model folder with random weights: the whole pipe runs on it, and what it paints means nothing.
import { join } from 'node:path'
import { writeFileAtomic } from '@dreamgraph/store'
import { type TensorSource, writeSafetensors } from '@dreamgraph/weights'
import { type NamedShape, weightShapes } from './architecture.js'
import { configFiles } from './configs.js'
import { loraShapes } from './lora-shapes.js'
import { clipTokenizerFiles, t5TokenizerFiles } from './tokenizer-files.js'
import { loraValues, weightValues } from './values.js'

/**
 * Writes a FLUX.1-dev folder with DreamO's files beside it, as they are published, under 2 MB in all.
 * The same seed gives the same bytes everywhere. Existing files of the same names are replaced.
 */
export async function writeRandomModel(folder: string, { seed }: { seed: bigint }): Promise<void> {
  const texts = {
    ...configFiles,
    ...prefixed('tokenizer', clipTokenizerFiles()),
    ...prefixed('tokenizer_2', t5TokenizerFiles()),
  }
  for (const [file, text] of Object.entries(texts)) await writeFileAtomic(join(folder, file), text)
  const checkpoints = [
    ...Object.entries(weightShapes()).map(([file, shapes]) => ({ file, shapes, values: weightValues })),
    ...Object.entries(loraShapes()).map(([file, shapes]) => ({ file, shapes, values: loraValues })),
  ]
  for (const { file, shapes, values } of checkpoints) {
    const tensor = (shape: NamedShape): TensorSource => ({
      ...shape,
      dtype: 'BF16',
      data: values(shape, { seed, file }),
    })
    await writeSafetensors(join(folder, file), shapes.map(tensor), { format: 'pt' })
  }
}

function prefixed(folder: string, files: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(files).map(([name, text]) => [`${folder}/${name}`, text]))
}
