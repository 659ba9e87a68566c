// Writes a trained autoencoder as the vae/ folder of a FLUX model, with the statistics that its latents have.
import { join } from 'node:path'
import { type Autoencoder, encodePicture, openComponent, Sessions } from '@dreamgraph/dreamo'
import type { Runtime } from '@dreamgraph/runtime'
import { makeFolder, writeFileAtomic } from '@dreamgraph/store'
import { type Checkpoint, emaOf } from '@dreamgraph/train'
import { encodeFloats, openSafetensors, toFloat32, writeSafetensors } from '@dreamgraph/weights'
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
  await writeSafetensors(join(folder, weightsFile), learnt(checkpoint), { format: 'pt' })
  await writeFileAtomic(join(folder, 'config.json'), `${JSON.stringify({ ...vaeConfig, ...statistics }, null, 2)}\n`)
}

/** The same with statistics that it measures. */
export async function writeMeasuredVae(runtime: Runtime, folder: string, checkpoint: Checkpoint): Promise<void> {
  await writeVae(folder, checkpoint, { scaling_factor: 1, shift_factor: 0 })
  const vae = { vae: await openComponent('vae', folder), sessions: new Sessions(runtime) }
  await writeVae(folder, checkpoint, await measureLatents(vae, 64))
}

/** Puts weights that have learnt on, such as those of the decoder alone, into the place of those that are there. */
export async function replaceInVae(folder: string, checkpoint: Checkpoint): Promise<void> {
  const path = join(folder, weightsFile)
  const fresh = new Map(learnt(checkpoint).map((tensor) => [tensor.name, tensor]))
  const { tensors } = await openSafetensors(path)
  const all = [...tensors].map(async ([name, view]) => {
    const old = async () => encodeFloats(await toFloat32(view), 'BF16', name)
    return fresh.get(name) ?? { name, dtype: 'BF16' as const, shape: view.shape, data: await old() }
  })
  const whole = await Promise.all(all)
  await writeSafetensors(path, whole, { format: 'pt' })
}

const weightsFile = 'diffusion_pytorch_model.safetensors'

/** The running means, as bfloat16. */
function learnt({ state }: Checkpoint) {
  const prefix = emaOf('')
  return [...state]
    .filter(([name]) => name.startsWith(prefix))
    .map(([name, { shape, data }]) => ({
      name: name.slice(prefix.length),
      dtype: 'BF16' as const,
      shape,
      data: encodeFloats(data, 'BF16', name),
    }))
}

/** Measures the latents of pictures from the training split with a model whose own scale is 1 and shift 0. */
export async function measureLatents(model: Autoencoder, pictures: number): Promise<LatentStatistics> {
  let [count, sum, squares] = [0, 0, 0]
  for (let index = 0; index < pictures; index++) {
    const { target } = renderSample({ seed: 'latents', index, split: 'train', difficulty: difficultyOf(1) })
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
