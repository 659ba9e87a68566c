// The stack in our runtime, mapped and packed, and in torch: times, peak memory, and how far the outputs are apart.
import { readFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { Sessions } from '@dreamgraph/dreamo'
import { openRuntime, type Runtime, type WeightPlacement } from '@dreamgraph/runtime'
import { alternate, timeMs } from '../measure.js'
import { withScratchFolder } from '../scratch-folder.js'
import { peakBytes } from '../worker.js'
import { type StackFiles, type StackSize, stackFeeds, stackGraph, writeStack } from './stack.js'
import { TorchStack } from './torch.js'

export interface StackOptions {
  readonly size: StackSize
  readonly rounds: number
}

export interface StackTimes {
  readonly threads: number
  /** Largest difference of our outputs from torch's, over the largest output. */
  readonly difference: number
  readonly ms: Readonly<Record<'mapped' | 'packed' | 'torch', number>>
  /** Of the process that computes. */
  readonly peakBytes: Readonly<Record<'mapped' | 'packed' | 'torch', number>>
}

export async function work({ size, rounds }: StackOptions): Promise<StackTimes> {
  return withScratchFolder(async (folder) => {
    const files = await writeStack(folder, size)
    const threads = availableParallelism()
    const mapped = await openStack(files, 'mapped', threads)
    const packed = await openStack(files, 'packed', threads)
    const torch = await TorchStack.open(files, threads)
    try {
      const outputFile = join(folder, 'output.f32')
      await torch.run(outputFile)
      const { buffer, byteOffset, byteLength } = await readFile(outputFile)
      const expected = new Float32Array(buffer, byteOffset, byteLength / 4)
      const difference = Math.max(
        largestDifference(await mapped.run(), expected),
        largestDifference(await packed.run(), expected),
      )
      let torchPeakBytes = 0
      const ms = await alternate(
        {
          mapped: () => timeMs(mapped.run),
          torch: async () => {
            const run = await torch.run()
            torchPeakBytes = run.peakBytes
            return run.ms
          },
          packed: () => timeMs(packed.run),
        },
        rounds,
      )
      const peak = ({ runtime }: { runtime: Runtime }): number => {
        const { childPid, peakRssBytes } = runtime.status()
        return peakBytes(childPid, peakRssBytes)
      }
      return {
        threads,
        difference,
        ms,
        peakBytes: { mapped: peak(mapped), packed: peak(packed), torch: torchPeakBytes },
      }
    } finally {
      torch.close()
      await Promise.all([mapped.runtime.close(), packed.runtime.close()])
    }
  })
}

/** A runtime of its own for each placement, so that each has a peak of its own. */
async function openStack(files: StackFiles, weights: WeightPlacement, threads: number) {
  const runtime = await openRuntime({ device: 'cpu', threads })
  const session = await new Sessions(runtime).of('FLUX stack', { velocity: await stackGraph(files) }, { weights })
  const values = stackFeeds(files)
  const run = async (): Promise<Float32Array> => (await session.run(values)).velocity.data as Float32Array
  return { runtime, run }
}

function largestDifference(got: Float32Array, expected: Float32Array): number {
  if (got.length !== expected.length) throw new Error(`expected ${expected.length} outputs, got ${got.length}`)
  let [difference, largest] = [0, 0]
  expected.forEach((value, i) => {
    difference = Math.max(difference, Math.abs(value - got[i]))
    largest = Math.max(largest, Math.abs(value))
  })
  return difference / largest
}
