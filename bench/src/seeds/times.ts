// The sampler over a list of seeds: one after the other, and together.
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  denoise,
  encodeReference,
  encodeText,
  gaussianNoise,
  modelFiles,
  openModel,
  withLoras,
} from '@dreamgraph/dreamo'
import { openRuntime } from '@dreamgraph/runtime'
import { gradient } from '../gradient.js'
import { alternate, timeMs } from '../measure.js'
import { settings } from '../pipeline/settings.js'

export interface SeedsOptions {
  readonly count: number
  readonly rounds: number
}

/** Milliseconds for the whole list. */
export type SeedsResult = Readonly<Record<'alone' | 'together', number>>

export async function work({ count, rounds }: SeedsOptions): Promise<SeedsResult> {
  const runtime = await openRuntime({ device: 'cpu' })
  try {
    const path = fileURLToPath(new URL('../../../models/mini', import.meta.url))
    const base = await openModel(await modelFiles(path), runtime)
    const lora = { path: join(path, 'DreamO/dreamo.safetensors'), weight: 1 }
    const model = await withLoras({ ...base, loraMode: 'fused' }, [lora])
    const { prompts, textTokens: maxTokens, steps, trueCfg: scale, grid } = settings
    const [text, negative] = [
      await encodeText(model, prompts[0], { maxTokens }),
      await encodeText(model, prompts[1], { maxTokens }),
    ]
    const reference = (slot: number) =>
      encodeReference(model, { image: gradient(64, 3 + slot), slot, task: 'ip' }, { draw: { kind: 'mode' } })
    const references = [await reference(1), await reference(2)]
    const values = grid.rows * grid.columns * model.transformer.config.inChannels
    const paint = (seed: number, together: boolean): Promise<Float32Array> =>
      denoise(model, {
        ...{ grid, text, references, steps, together, guidance: 1 },
        noise: gaussianNoise(values, { seed: BigInt(seed), stream: 'latent', index: 0 }),
        trueCfg: { negative, scale, startStep: 0, endStep: steps, guidance: 1 },
      })
    const seeds = Array.from({ length: count }, (_, seed) => seed)
    let [alone, together]: Float32Array[][] = [[], []]
    const times = await alternate(
      {
        alone: () =>
          timeMs(async () => {
            alone = []
            for (const seed of seeds) alone.push(await paint(seed, false))
          }),
        together: () =>
          timeMs(async () => {
            together = await Promise.all(seeds.map((seed) => paint(seed, true)))
          }),
      },
      rounds,
    )
    if (!seeds.every((seed) => Buffer.from(alone[seed].buffer).equals(Buffer.from(together[seed].buffer)))) {
      throw new Error('seeds: expected the same latents together as alone, got others')
    }
    return times
  } finally {
    await runtime.close()
  }
}
