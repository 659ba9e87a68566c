// Opens the model, makes a picture with one reference, and watches the memory of all that takes part.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  decodePicture,
  denoise,
  encodeReference,
  encodeText,
  gaussianNoise,
  modelFiles,
  openModel,
  type QuantizeScheme,
  runningWeights,
  tokenGrid,
  unpackLatents,
  withLoras,
} from '@dreamgraph/dreamo'
import { dreamoFile } from '@dreamgraph/nodes'
import { openRuntime } from '@dreamgraph/runtime'
import { gradient } from '../gradient.js'
import { median } from '../measure.js'
import { type MemoryPeaks, watchMemory } from '../memory-peaks.js'

export interface PictureOptions {
  readonly model: string
  /** For the quantized weights. */
  readonly home: string
  readonly scheme: QuantizeScheme
  /** 0: only open. */
  readonly steps: number
  readonly side: number
}

export interface PictureResult extends MemoryPeaks {
  readonly openSeconds: number
  readonly textSeconds: number
  readonly referenceSeconds: number
  /** The first includes the loading of the transformer. */
  readonly stepSeconds: readonly number[]
  readonly medianStepSeconds: number
  readonly decodeSeconds: number
  /** Of the whole sequence. */
  readonly tokens: number
  /** By the whole machine. */
  readonly swappedMib: number
}

export async function work({ model: folder, home, scheme, steps, side }: PictureOptions): Promise<PictureResult> {
  const swappedBefore = swappedOutBytes()
  const runtime = await openRuntime({ device: 'cpu' })
  const memory = watchMemory(() => [process.pid, runtime.status().childPid], 200)
  const times = { open: 0, text: 0, reference: 0, decode: 0 }
  const stepSeconds: number[] = []
  let tokens = 0
  const timed = async <T>(part: keyof typeof times, work: () => Promise<T>): Promise<T> => {
    const start = performance.now()
    const result = await work()
    times[part] = (performance.now() - start) / 1000
    return result
  }
  try {
    const model = await timed('open', async () => {
      const base = await openModel(await modelFiles(folder), runtime, { scheme, home })
      const adapted = await withLoras({ ...base, loraMode: 'fused' }, [{ path: join(folder, dreamoFile), weight: 1 }])
      await runningWeights(adapted, { onProgress })
      return adapted
    })
    if (steps > 0) {
      const text = await timed('text', () => encodeText(model, 'a photo of [ref#1] on a beach'))
      const draw = { kind: 'sample', seed: 1n } as const
      const reference = await timed('reference', () =>
        encodeReference(model, { image: gradient(side, 7), slot: 1, task: 'ip' }, { draw }),
      )
      const grid = tokenGrid({ width: side, height: side })
      const { inChannels } = model.transformer.config
      const noise = gaussianNoise(grid.rows * grid.columns * inChannels, { seed: 2n, stream: 'latent', index: 0 })
      tokens = text.states.shape[1]! + noise.length / inChannels + reference.tokens.length / inChannels
      let last = performance.now()
      const latents = await denoise(model, {
        ...{ noise, grid, text, references: [reference], steps, guidance: 3.5 },
        onStep({ step }) {
          stepSeconds.push((performance.now() - last) / 1000)
          last = performance.now()
          console.log(`  step ${step} of ${steps}: ${stepSeconds.at(-1)!.toFixed(1)} s`)
        },
      })
      const channels = model.vae.config.latentChannels
      const shape = { batch: 1, channels, height: 2 * grid.rows, width: 2 * grid.columns }
      const planes = { channels, height: shape.height, width: shape.width, data: unpackLatents(latents, shape) }
      const picture = await timed('decode', () => decodePicture(model, planes))
      if (picture.width !== side) throw new Error(`full-size: expected a picture of ${side}, got ${picture.width}`)
    }
  } finally {
    await runtime.close()
  }
  const rest = stepSeconds.slice(1)
  return {
    openSeconds: times.open,
    textSeconds: times.text,
    referenceSeconds: times.reference,
    stepSeconds,
    medianStepSeconds: rest.length > 0 ? median(rest) : Number.NaN,
    decodeSeconds: times.decode,
    tokens,
    ...memory.stop(),
    swappedMib: (swappedOutBytes() - swappedBefore) / 2 ** 20,
  }
}

let toldAt = 0
function onProgress(done: number, total: number, label: string): void {
  if (Date.now() - toldAt < 20_000) return
  toldAt = Date.now()
  console.log(`  ${label} (${done} of ${total})`)
}

const pageBytes = 4096

function swappedOutBytes(): number {
  if (process.platform !== 'linux') return 0
  return Number(/^pswpout (\d+)$/m.exec(readFileSync('/proc/vmstat', 'utf8'))?.[1] ?? 0) * pageBytes
}
