// Writes a trained autoencoder as the vae/ folder of a FLUX model, with the statistics that its latents have.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Autoencoder, encodePicture } from '@dreamgraph/dreamo'
import { makeFolder } from '@dreamgraph/store'
import { type Checkpoint, emaOf } from '@dreamgraph/train'
import { encodeFloats, writeSafetensors } from '@dreamgraph/weights'
import { difficultyOf, renderSample } from '@dreamgraph/world'
import { vaeConfig } from './configs.js'

/** Mean and inverse deviation of latents over pictures, as scaling_factor and shift_factor have them. */
export interface LatentStatistics {
  readonly scaling_factor: number
  readonly shift_factor: number
}

/** Writes config.json and the running means of the weights, as bfloat16. */
export async function writeVae(folder: string, checkpoint: Checkpoint, statistics: LatentStatistics): Promise<void> {
  await makeFolder(folder)
  const prefix = emaOf('')
  const tensors = [...checkpoint.state]
    .filter(([name]) => name.startsWith(prefix))
    .map(([name, { shape, data }]) => ({
      name: name.slice(prefix.length),
      dtype: 'BF16' as const,
      shape,
      data: encodeFloats(data, 'BF16', name),
    }))
  await writeSafetensors(join(folder, 'diffusion_pytorch_model.safetensors'), tensors, { format: 'pt' })
  await writeFile(join(folder, 'config.json'), `${JSON.stringify({ ...vaeConfig, ...statistics }, null, 2)}\n`)
}

/** Measures the latents of pictures from the test split with a model whose own scale is 1 and shift 0. */
export async function measureLatents(model: Autoencoder, pictures: number): Promise<LatentStatistics> {
  let [count, sum, squares] = [0, 0, 0]
  for (let index = 0; index < pictures; index++) {
    const { target } = renderSample({ seed: 'latents', index, split: 'test', difficulty: difficultyOf(1) })
    const { data } = await encodePicture(model, { ...target, channels: 3 })
    for (const x of data) {
      sum += x
      squares += x * x
    }
    count += data.length
  }
  const mean = sum / count
  return { scaling_factor: 1 / Math.sqrt(squares / count - mean * mean), shift_factor: mean }
}
