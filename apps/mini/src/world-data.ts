// Samples of the world as the transformer reads them, rendered and encoded once: both cost as much as a training step on
// them, and each sample is used several times.
import { encodeImage, parametersOf, Sessions } from '@dreamgraph/dreamo'
import { input, slice } from '@dreamgraph/onnx'
import type { Runtime } from '@dreamgraph/runtime'
import { maskOfTokens } from '@dreamgraph/train'
import { type Difficulty, renderSample, type Sample, type TaskMixture } from '@dreamgraph/world'
import { type DataHooks, type DataName, type EncodedSample, type SampleWords, writeDataFiles } from './data-files.js'
import type { Vae } from './learning-vae.js'
import { imageGrid, imageSide, latentsOf, referenceSide } from './sizes.js'

export interface WorldDataRequest extends DataName {
  readonly seed: string
  readonly mixture: TaskMixture
  readonly difficulty: Difficulty
}

const perBatch = 16

/** Renders and encodes what is not there yet. */
export async function writeWorldData(
  runtime: Runtime,
  vae: Vae,
  request: WorldDataRequest,
  hooks: DataHooks = {},
): Promise<void> {
  const sessions = new Sessions(runtime)
  const make = async (numbers: readonly number[]): Promise<EncodedSample[]> => {
    const all: EncodedSample[] = []
    let ahead: Promise<EncodedSample[]> = Promise.resolve([])
    for (let from = 0; from < numbers.length; from += perBatch) {
      const samples = numbers
        .slice(from, from + perBatch)
        .map((index) => renderSample({ ...request, index, split: 'train', placeholders: 'always' }))
      all.push(...(await ahead)) // one batch is encoded while the next is drawn
      hooks.signal?.throwIfAborted()
      ahead = encodeSamples(samples)
    }
    return [...all, ...(await ahead)]
  }
  const encode = pictureEncoder(sessions, vae)

  async function encodeSamples(samples: readonly Sample[]): Promise<EncodedSample[]> {
    const targets = await encode(
      samples.map(({ target }) => target),
      imageSide,
    )
    const pictures = samples.flatMap(({ references }) => references.map(({ picture }) => picture))
    const encoded = await encode(pictures, referenceSide)
    let next = 0
    return samples.map((sample, i) => ({
      words: wordsOf(sample),
      latents: targets[i],
      references: sample.references.map(({ targetMask }) => ({
        latents: encoded[next++],
        mask: targetMask && maskOfTokens(targetMask.data, imageGrid),
      })),
    }))
  }

  await writeDataFiles(request, make, hooks)
  await sessions.release()
}

/** Pictures of one size, RGB bytes → packed latents of each, by a graph of a fixed batch; the rest of it stays grey. */
export function pictureEncoder(
  sessions: Sessions,
  vae: Vae,
): (pictures: readonly { readonly data: Uint8Array }[], side: number) => Promise<Float32Array[]> {
  return async (pictures, side) => {
    const results: Float32Array[] = []
    const shape = [perBatch, 3, side, side]
    const moments = encodeImage(parametersOf(vae.weights), vae.config, input('image', shape))
    const means = slice(moments, { axis: 1, from: 0, to: vae.config.latentChannels })
    for (let from = 0; from < pictures.length; from += perBatch) {
      const some = pictures.slice(from, from + perBatch)
      const session = await sessions.of(`encode ${side}`, { means }, { keepMemory: true })
      const feed = { dtype: 'float32', shape, data: planesOf(some, side) } as const
      const out = (await session.run({ image: feed })).means.data as Float32Array
      const size = out.length / perBatch
      for (const i of some.keys()) {
        results.push(latentsOf(out.subarray(i * size, (i + 1) * size), vae.config, side / vae.config.downscale))
      }
    }
    return results
  }
}

/** [batch, 3, side, side] in −1..1. */
function planesOf(pictures: readonly { readonly data: Uint8Array }[], side: number): Float32Array {
  const plane = side * side
  const planes = new Float32Array(perBatch * 3 * plane)
  for (const [i, { data }] of pictures.entries()) {
    for (let at = 0; at < plane; at++) {
      for (let c = 0; c < 3; c++) planes[(i * 3 + c) * plane + at] = data[at * 3 + c] / 127.5 - 1
    }
  }
  return planes
}

export const wordsOf = (sample: Sample): SampleWords => ({
  task: sample.task,
  slots: sample.references.map(({ slot }) => slot),
  plain: sample.plainCaption,
  pointed: sample.placeholderCaption,
  described: sample.describedCaption,
})
