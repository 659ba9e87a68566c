// The same training steps here and in torch: times, peak memory, and how far the losses are apart.
import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { parseFluxConfig, Sessions } from '@dreamgraph/dreamo'
import { openRuntime, type TensorData } from '@dreamgraph/runtime'
import {
  adamWFeeds,
  type Batch,
  type Bucket,
  baseModel,
  bucketGraph,
  meanOf,
  squareOf,
  trainingStep,
} from '@dreamgraph/train'
import { writeSafetensors } from '@dreamgraph/weights'
import { TorchStack } from '../flux-stack/torch.js'
import { alternate, timeMs } from '../measure.js'
import { uniform } from '../random-values.js'
import { withScratchFolder } from '../scratch-folder.js'
import { peakBytes } from '../worker.js'

/** The transformer of the model in models/mini, five million parameters. */
const configFile = new URL('../../../models/mini/transformer/config.json', import.meta.url)
const config = parseFluxConfig(JSON.parse(readFileSync(configFile, 'utf8')), configFile.pathname)

/** As that model was trained: 64 image tokens and 56 of text, 32 samples. */
const bucket: Bucket = { batch: 32, image: { height: 128, width: 128 }, references: [], textTokens: 56 }

const optimizer = { betas: [0.9, 0.999], epsilon: 1e-8, weightDecay: 0.01 } as const
const learningRate = 1e-3

export interface StepTimes {
  readonly threads: number
  readonly parameters: number
  /** Largest relative difference of a loss from torch's at the same step. */
  readonly difference: number
  readonly ms: Readonly<Record<'ours' | 'torch', number>>
  readonly peakBytes: Readonly<Record<'ours' | 'torch', number>>
}

export async function work({ rounds }: { readonly rounds: number }): Promise<StepTimes> {
  return withScratchFolder(async (folder) => {
    const threads = availableParallelism()
    const model = baseModel(config, { seed: 1n })
    const built = bucketGraph(model, bucket, { routing: 'raw', placeholder: 'scaled', recompute: false })
    const { outputs, carried } = trainingStep({
      loss: built.total,
      trainables: model.trainables,
      optimizer,
      clipNorm: 1,
    })
    const weights = { diff: 1, route: 0, holder: 0 }
    const { feeds } = await built.feeds(batch(), { seed: 9n, times: { kind: 'uniform' }, guidance: 1, weights })
    const files = { weights: join(folder, 'weights.safetensors'), inputs: join(folder, 'inputs.safetensors') }
    const parameters = [...model.trainables].map(([name, { shape }]) => {
      return { name, dtype: 'F32', shape, data: model.initial.get(name)! } as const
    })
    await writeSafetensors(files.weights, parameters)
    const shared = Object.entries(feeds).filter(([name]) => !name.startsWith('weight/'))
    await writeSafetensors(
      files.inputs,
      shared.map(([name, { shape, data }]) => ({ name, dtype: 'F32', shape, data: data as Float32Array })),
    )

    const runtime = await openRuntime({ device: 'cpu', threads })
    const session = await new Sessions(runtime).of(
      'training step',
      { ...outputs, loss: built.total },
      { keepMemory: true },
    )
    await session.bind(startState(parameters))
    const torch = await TorchStack.open(files, threads, 'training_step')
    const losses: Record<'ours' | 'torch', number[]> = { ours: [], torch: [] }
    let torchPeakBytes = 0
    let step = 0
    try {
      const ms = await alternate(
        {
          ours: () =>
            timeMs(async () => {
              step++
              const results = await session.run(
                { ...feeds, ...adamWFeeds(optimizer, step, learningRate) },
                { carry: carried },
              )
              losses.ours.push(Number(results.loss.data[0]))
            }),
          torch: async () => {
            const run = await torch.run()
            torchPeakBytes = run.peakBytes
            losses.torch.push(run.loss!)
            return run.ms
          },
        },
        rounds,
      )
      const difference = Math.max(...losses.ours.map((loss, i) => Math.abs(loss / losses.torch[i] - 1)))
      const { childPid, peakRssBytes } = runtime.status()
      return {
        threads,
        parameters: parameters.reduce((n, { data }) => n + data.length, 0),
        difference,
        ms,
        peakBytes: { ours: peakBytes(childPid, peakRssBytes), torch: torchPeakBytes },
      }
    } finally {
      torch.close()
      await runtime.close()
    }
  })
}

function batch(): Batch {
  const values = (count: number, seed: number): Float32Array => uniform(count, { bound: Math.sqrt(3), seed })
  const { batch: samples, textTokens } = bucket
  return {
    bucket: 'text',
    task: 'text',
    latents: values(samples * 64 * config.inChannels, 1),
    references: new Float32Array(),
    text: values(samples * textTokens * config.jointDim, 2),
    pooled: values(samples * config.pooledDim, 3),
  }
}

function startState(
  parameters: readonly { name: string; shape: readonly number[]; data: Float32Array }[],
): Record<string, TensorData> {
  return Object.fromEntries(
    parameters.flatMap(({ name, shape, data }) => {
      const zeros = (): Float32Array => new Float32Array(data.length)
      const all = { [name]: data, [meanOf(name)]: zeros(), [squareOf(name)]: zeros() }
      return Object.entries(all).map(([key, value]) => [key, { dtype: 'float32', shape, data: value }] as const)
    }),
  )
}
