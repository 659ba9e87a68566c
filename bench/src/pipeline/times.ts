// The mini model's pipeline from prompts and reference pictures to a picture: ours and torch's, and how far the pictures are apart.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { RgbImage } from '@dreamgraph/dreamo'
import { openRuntime } from '@dreamgraph/runtime'
import { TorchStack } from '../flux-stack/torch.js'
import { alternate, timeMs } from '../measure.js'
import { withScratchFolder } from '../scratch-folder.js'
import { openMini, paintMini } from './mini.js'
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
    const { model, images, noise } = await openMini(runtime)
    const torch = await TorchStack.open(await writeYardstick(folder, model, { images, noise }), threads, 'pipeline')
    try {
      const run = () => paintMini({ model, images, noise })
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
