// Trains the autoencoder of the mini model on pictures of the world. Resumes from the newest checkpoint in its folder.
import { setImmediate } from 'node:timers/promises'
import { autoencoderLosses, gaussianNoise, parseVaeConfig } from '@dreamgraph/dreamo'
import { add, constant, emit, gradients, graph, input, memoryOf, mul } from '@dreamgraph/onnx'
import type { Runtime, TensorData } from '@dreamgraph/runtime'
import {
  type AdamWConfig,
  adamWFeeds,
  allTrainable,
  type Checkpoint,
  emaDecayAt,
  emaInput,
  freshState,
  initialValues,
  learningRateAt,
  readCheckpoint,
  type Trainables,
  update,
  writeCheckpoint,
} from '@dreamgraph/train'
import { vaeConfig } from './configs.js'
import { cropBatch } from './world-crops.js'

export interface AutoencoderRun {
  readonly folder: string
  readonly steps: number
  readonly batch: number
  /** Side of the crops, pixels. */
  readonly size: number
  readonly seed: bigint
  readonly peakRate: number
  readonly checkpointEvery: number
  readonly signal?: AbortSignal
  readonly onStep?: (report: { step: number; steps: number; losses: Record<string, number>; seconds: number }) => void
}

const optimizer: AdamWConfig = { betas: [0.9, 0.99], epsilon: 1e-8, weightDecay: 0 }
const emaDecay = 0.998
/**
 * Squares, because where a detail is not yet known, absolute errors are least for the flat colour around it, and eyes and
 * patterns never appear. The divergence only keeps latents near the size that the sampler's noise has.
 */
const weights = { squares: 1, absolutes: 0.1, edges: 1, divergence: 5e-5 }

/** Runs until `steps` or an abort; the last state, whose running means are the model. */
export async function trainAutoencoder(runtime: Runtime, run: AutoencoderRun): Promise<Checkpoint> {
  const { batch, size, seed, folder } = run
  const config = parseVaeConfig({ ...vaeConfig, scaling_factor: 1, shift_factor: 0 })
  const { parameters, trainables } = allTrainable()
  const latentSize = size / config.downscale
  const latents = [batch, config.latentChannels, latentSize, latentSize]
  const image = input('image', [batch, 3, size, size])
  const losses = autoencoderLosses(parameters, config, { image, epsilon: input('epsilon', latents) })
  const terms = Object.entries(weights).map(([name, factor]) =>
    mul(losses[name as keyof typeof weights], constant(factor)),
  )
  const loss = terms.reduce((a, b) => add(a, b))
  const slopes = gradients(loss, [...trainables.values()])
  const byName = new Map([...trainables.keys()].map((name, i) => [name, slopes[i]]))
  const { outputs, carried } = update({ trainables, gradients: byName, optimizer, clipNorm: 1, withEma: true })
  const { squares, absolutes, edges, divergence } = losses
  const model = graph('autoencoder step', { ...outputs, squares, absolutes, edges, divergence })
  const source = { name: model.name, bytes: emit(model), ...memoryOf(model) }
  const session = runtime.session(source, { keepMemory: true })

  const identity = JSON.stringify({ vaeConfig, weights, optimizer })
  const start = (await readCheckpoint(folder, identity)) ?? {
    step: 0,
    identity,
    state: freshState(trainables, startValues(trainables, seed), true),
  }
  await session.bind(
    Object.fromEntries([...start.state].map(([name, value]) => [name, { dtype: 'float32', ...value }])),
  )
  const schedule = { peak: run.peakRate, warmupSteps: 100, decay: 'cosine', floor: 0.05, steps: run.steps } as const
  const save = async (step: number): Promise<Checkpoint> => {
    const values = await session.read([...start.state.keys()])
    const state = Object.entries(values).map(
      ([name, { shape, data }]) => [name, { shape, data: data as Float32Array }] as const,
    )
    const checkpoint = { step, identity, state: new Map(state) }
    await writeCheckpoint(folder, checkpoint, 2)
    return checkpoint
  }

  let step = start.step
  let batchOfStep = cropBatch({ seed, step: step + 1, batch, size })
  while (step < run.steps && !run.signal?.aborted) {
    step++
    const startedAt = performance.now()
    const feeds: Record<string, TensorData> = {
      image: { dtype: 'float32', shape: image.shape, data: batchOfStep.data },
      epsilon: {
        dtype: 'float32',
        shape: latents,
        data: gaussianNoise(
          latents.reduce((n, d) => n * d, 1),
          { seed, stream: 'latent', index: step },
        ),
      },
      [emaInput]: { dtype: 'float32', shape: [], data: Float32Array.of(1 - emaDecayAt(emaDecay, step)) },
      ...adamWFeeds(optimizer, step, learningRateAt(schedule, step)),
    }
    const running = session.run(feeds, { carry: carried })
    running.catch(() => {}) // thrown below, where it is awaited
    await setImmediate() // lets the step go out to its process before the drawing holds this one up
    if (step < run.steps) batchOfStep = cropBatch({ seed, step: step + 1, batch, size }) // while the step is computed
    const results = await running
    const numbers = Object.fromEntries(Object.entries(results).map(([name, { data }]) => [name, Number(data[0])]))
    run.onStep?.({ step, steps: run.steps, losses: numbers, seconds: (performance.now() - startedAt) / 1000 })
    if (step % run.checkpointEvery === 0) await save(step)
  }
  return save(step)
}

function startValues(trainables: Trainables, seed: bigint): Map<string, Float32Array> {
  const shapes = [...trainables].map(([name, { shape }]) => ({ name, shape }))
  const values = Object.entries(initialValues(shapes, seed))
  return new Map(values.map(([name, { data }]) => [name, data as Float32Array]))
}
