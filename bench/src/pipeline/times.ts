// The mini model's pipeline from prompts and reference pictures to a picture: ours and torch's, and how far the pictures are apart.
import { readFile } from 'node:fs/promises'
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
import { openRuntime } from '@dreamgraph/runtime'
import { TorchStack } from '../flux-stack/torch.js'
import { gradient } from '../gradient.js'
import { alternate, timeMs } from '../measure.js'
import { withScratchFolder } from '../scratch-folder.js'
import { settings } from './settings.js'
import { writeYardstick } from './yardstick.js'

export interface PipelineOptions {
  readonly rounds: number
  readonly threads: number
}

export interface PipelineTimes {
  readonly ms: Readonly<Record<'ours' | 'torch', number>>
  readonly peakBytes: Readonly<Record<'ours' | 'torch', number>>
  /** Largest difference of a pixel, in levels of 255. */
  readonly difference: number
}

export async function work({ rounds, threads }: PipelineOptions): Promise<PipelineTimes> {
  return withScratchFolder(async (folder) => {
    const runtime = await openRuntime({ device: 'cpu', threads })
    const path = fileURLToPath(new URL('../../../models/mini', import.meta.url))
    const base = await openModel(await modelFiles(path), runtime)
    const lora = { path: join(path, 'DreamO/dreamo.safetensors'), weight: 1 }
    const model = await withLoras({ ...base, loraMode: 'fused' }, [lora])
    const images = [gradient(64, 3), gradient(64, 7)]
    const { inChannels } = model.transformer.config
    const noise = gaussianNoise(settings.grid.rows * settings.grid.columns * inChannels, {
      ...{ seed: 1n, stream: 'latent', index: 0 },
    })
    const torch = await TorchStack.open(await writeYardstick(folder, model, { images, noise }), threads, 'pipeline')
    try {
      const run = () => picture(model, images, noise)
      const made = await run()
      const output = join(folder, 'output.f32')
      await torch.run(output)
      const { buffer, byteOffset, byteLength } = await readFile(output)
      const planes = new Float32Array(buffer, byteOffset, byteLength / 4)
      let torchPeakBytes = 0
      const ms = await alternate(
        {
          ours: () => timeMs(run),
          torch: async () => {
            const { ms, peakBytes } = await torch.run()
            torchPeakBytes = peakBytes
            return ms
          },
        },
        rounds,
      )
      return {
        ms,
        peakBytes: { ours: runtime.status().peakRssBytes, torch: torchPeakBytes },
        difference: largestDifference(made, planes),
      }
    } finally {
      torch.close()
      await runtime.close()
    }
  })
}

/** Nothing is kept from one picture to the next but sessions. */
async function picture(model: Model, images: readonly RgbImage[], noise: Float32Array): Promise<RgbImage> {
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
    ...{ noise, grid, text, references, steps, guidance: 1 },
    trueCfg: { negative, scale: trueCfg, startStep: 0, endStep: steps, guidance: 1 },
  })
  const channels = model.vae.config.latentChannels
  const [height, width] = [2 * grid.rows, 2 * grid.columns]
  return decodePicture(model, {
    ...{ channels, height, width },
    data: unpackLatents(latents, { batch: 1, channels, height, width }),
  })
}

/** Of pixels, interleaved, from planes in −1..1. */
function largestDifference({ width, height, data }: RgbImage, planes: Float32Array): number {
  const pixels = width * height
  let largest = 0
  for (let at = 0; at < pixels; at++) {
    for (let c = 0; c < 3; c++) {
      const level = Math.min(255, Math.max(0, ((planes[c * pixels + at]! + 1) / 2) * 255))
      largest = Math.max(largest, Math.abs(level - data[3 * at + c]!))
    }
  }
  return largest
}
