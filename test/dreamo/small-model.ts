// A model folder with random weights, opened: real files, a real runtime, small sizes.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type EncodedReference,
  encodeReference,
  type LatentDraw,
  type Model,
  modelFiles,
  openModel,
  type RgbImage,
  withLoras,
} from '@dreamgraph/dreamo'
import { writeRandomModel } from '@dreamgraph/nodes'
import { openRuntime, type Runtime } from '@dreamgraph/runtime'

export interface SmallModel {
  readonly folder: string
  readonly runtime: Runtime
  /** Plain FLUX. */
  readonly base: Model
  /** With DreamO's LoRA and embeddings. */
  readonly dreamo: Model
  close(): Promise<void>
}

export async function openSmallModel(): Promise<SmallModel> {
  const folder = await mkdtemp(join(tmpdir(), 'dreamgraph-small-'))
  await writeRandomModel(folder, { seed: 11n })
  const runtime = await openRuntime({ device: 'cpu' })
  const base = await openModel(await modelFiles(folder), runtime)
  const dreamo = await withLoras(base, [{ path: join(folder, 'DreamO/dreamo.safetensors'), weight: 1 }])
  const close = async (): Promise<void> => {
    await runtime.close()
    await rm(folder, { recursive: true })
  }
  return { folder, runtime, base, dreamo, close }
}

/** A picture with something in it: colours slope, and `shade` tells pictures apart. */
export function slopingPicture(width: number, height: number, shade = 0): RgbImage {
  const data = Uint8Array.from({ length: 3 * width * height }, (_, i) => {
    const [pixel, channel] = [Math.floor(i / 3), i % 3]
    const [x, y] = [pixel % width, Math.floor(pixel / width)]
    return (shade + [4 * x, 4 * y, 2 * (x + y)][channel]) % 256
  })
  return { width, height, channels: 3, data }
}

export const referenceIn = (
  model: Model,
  slot: number,
  draw: LatentDraw = { kind: 'mode' },
  image = slopingPicture(32, 48, 30 * slot),
): Promise<EncodedReference> => encodeReference(model, { slot, task: 'ip', image }, { draw })

/** Largest difference of two arrays. */
export function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) throw new Error(`expected ${a.length} values, got ${b.length}`)
  return Array.from(a).reduce((worst, x, i) => Math.max(worst, Math.abs(x - b[i])), 0)
}
