// Samples of the world as the transformer reads them, rendered and encoded once, kept in files: rendering and encoding a
// sample costs as much as a training step on it, and each is used several times.
import { access, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { encodeImage, parametersOf, Sessions, type VaeConfig } from '@dreamgraph/dreamo'
import { input, slice } from '@dreamgraph/onnx'
import type { Runtime, TensorData } from '@dreamgraph/runtime'
import { makeFolder, writeFileAtomic } from '@dreamgraph/store'
import { maskOfTokens } from '@dreamgraph/train'
import {
  decodeFloats,
  encodeFloats,
  openSafetensors,
  readTensor,
  type WeightSet,
  writeSafetensors,
} from '@dreamgraph/weights'
import { type Difficulty, renderSample, type Sample, type Task, type TaskMixture } from '@dreamgraph/world'
import {
  imageSide,
  imageTokens,
  latentsOf,
  maxReferences,
  referenceSide,
  referenceTokens,
  tokenChannels,
} from './sizes.js'

export interface WorldDataRequest {
  /** Files go here: `<name>-0000.safetensors` with latents and masks, `<name>-0000.jsonl` with the words. */
  readonly folder: string
  readonly name: string
  readonly seed: string
  readonly samples: number
  readonly mixture: TaskMixture
  readonly difficulty: Difficulty
}

/** What a sample says; the line of a .jsonl file. */
export interface SampleWords {
  readonly task: Task
  readonly slots: readonly number[]
  readonly plain: string
  readonly pointed: string
  readonly described: string
}

export interface WorldData {
  readonly words: readonly SampleWords[]
  /** Packed latents of targets, [samples][tokens · channels]. */
  latents(sample: number): Float32Array
  /** Of reference 0 or 1 of a sample. */
  reference(sample: number, at: number): Float32Array
  /** Share of each image token that the subject of a reference covers; undefined for a style. */
  mask(sample: number, at: number): Float32Array | undefined
}

const perFile = 512
const perBatch = 16

/** Renders and encodes what is not there yet; a file is whole or absent, so an interrupted run goes on. */
export async function writeWorldData(
  runtime: Runtime,
  vae: { readonly config: VaeConfig; readonly weights: WeightSet },
  request: WorldDataRequest,
  onFile: (done: number, files: number) => void = () => {},
): Promise<void> {
  await makeFolder(request.folder)
  const sessions = new Sessions(runtime)
  const files = Math.ceil(request.samples / perFile)
  for (let file = 0; file < files; file++) {
    const paths = pathsOf(request, file)
    if (!(await fileExists(paths.words))) await writeOne(file, paths)
    onFile(file + 1, files)
  }
  await sessions.release()

  async function writeOne(file: number, paths: { numbers: string; words: string }): Promise<void> {
    const count = Math.min(perFile, request.samples - file * perFile)
    const latents = new Float32Array(count * imageTokens * tokenChannels)
    const references = new Float32Array(count * maxReferences * referenceTokens * tokenChannels)
    const masks = new Uint8Array(count * maxReferences * imageTokens)
    const lines: string[] = []
    let encoding: Promise<unknown> = Promise.resolve()
    for (let from = 0; from < count; from += perBatch) {
      const numbers = Array.from({ length: Math.min(perBatch, count - from) }, (_, i) => from + i)
      const samples = numbers.map((number) => render(file * perFile + number))
      lines.push(...samples.map((sample) => JSON.stringify(wordsOf(sample))))
      for (const [i, sample] of samples.entries()) {
        for (const [at, { targetMask }] of sample.references.entries()) {
          const shares = targetMask ? maskOfTokens(targetMask.data, { rows: 8, columns: 8 }) : undefined
          if (shares)
            masks.set(
              shares.map((share) => Math.round(share * 255)),
              ((from + i) * maxReferences + at) * imageTokens,
            )
        }
      }
      await encoding // one batch is encoded while the next is drawn
      encoding = encodeBatch(samples, from)
    }
    await encoding
    const half = (data: Float32Array) => encodeFloats(data, 'F16', paths.numbers)
    await writeSafetensors(paths.numbers, [
      { name: 'latents', dtype: 'F16', shape: [count, imageTokens, tokenChannels], data: half(latents) },
      {
        name: 'references',
        dtype: 'F16',
        shape: [count, maxReferences, referenceTokens, tokenChannels],
        data: half(references),
      },
      { name: 'masks', dtype: 'U8', shape: [count, maxReferences, imageTokens], data: masks },
    ])
    await writeFileAtomic(paths.words, `${lines.join('\n')}\n`) // last: it says that the file is whole

    async function encodeBatch(samples: readonly Sample[], from: number): Promise<void> {
      const targets = samples.map(({ target }) => target)
      const encoded = await encode(targets, imageSide)
      for (const [i, values] of encoded.entries()) latents.set(values, (from + i) * values.length)
      const pictures = samples.flatMap((sample, i) =>
        sample.references.map(({ picture }, at) => ({ picture, to: (from + i) * maxReferences + at })),
      )
      if (pictures.length === 0) return
      const tokens = await encode(
        pictures.map(({ picture }) => picture),
        referenceSide,
      )
      for (const [i, values] of tokens.entries()) references.set(values, pictures[i].to * values.length)
    }
  }

  const render = (index: number): Sample => renderSample({ ...request, index, split: 'train', placeholders: 'always' })

  /** Pictures of one size → packed latents of each, by a graph of a fixed batch; the rest of it stays grey. */
  async function encode(pictures: readonly { readonly data: Uint8Array }[], side: number): Promise<Float32Array[]> {
    const results: Float32Array[] = []
    for (let from = 0; from < pictures.length; from += perBatch) {
      const some = pictures.slice(from, from + perBatch)
      const shape = [perBatch, 3, side, side]
      const image = input('image', shape)
      const moments = encodeImage(parametersOf(vae.weights), vae.config, image)
      const means = slice(moments, { axis: 1, from: 0, to: vae.config.latentChannels })
      const session = await sessions.of(`encode ${side}`, { means }, { keepMemory: true })
      const data = new Float32Array(perBatch * 3 * side * side)
      for (const [i, picture] of some.entries()) {
        for (let at = 0; at < side * side; at++) {
          for (let c = 0; c < 3; c++) data[(i * 3 + c) * side * side + at] = picture.data[at * 3 + c] / 127.5 - 1
        }
      }
      const feed: TensorData = { dtype: 'float32', shape, data }
      const out = (await session.run({ image: feed })).means.data as Float32Array
      const size = out.length / perBatch
      for (const i of some.keys()) results.push(latentsOf(out.subarray(i * size, (i + 1) * size), vae.config, side / 8))
    }
    return results
  }
}

/** Reads files that were written before into memory, as 16-bit floats. */
export async function readWorldData({ folder, name, samples }: WorldDataRequest): Promise<WorldData> {
  const words: SampleWords[] = []
  const parts: { latents: Uint8Array; references: Uint8Array; masks: Uint8Array }[] = []
  for (let file = 0; file < Math.ceil(samples / perFile); file++) {
    const paths = pathsOf({ folder, name }, file)
    const { tensors } = await openSafetensors(paths.numbers)
    const [latents, references, masks] = await Promise.all(
      ['latents', 'references', 'masks'].map((key) => readTensor(tensors.get(key)!)),
    )
    parts.push({ latents, references, masks })
    const lines = (await readFile(paths.words, 'utf8')).trimEnd().split('\n')
    words.push(...lines.map((line) => JSON.parse(line) as SampleWords))
  }
  const floats = (key: 'latents' | 'references', sample: number, at: number, values: number): Float32Array => {
    const part = parts[Math.floor(sample / perFile)][key]
    const start = 2 * ((sample % perFile) * (key === 'latents' ? 1 : maxReferences) + at) * values
    return decodeFloats(part.subarray(start, start + 2 * values), 'F16', name)
  }
  return {
    words,
    latents: (sample) => floats('latents', sample, 0, imageTokens * tokenChannels),
    reference: (sample, at) => floats('references', sample, at, referenceTokens * tokenChannels),
    mask(sample, at) {
      if (words[sample].task === 'style') return undefined
      const start = ((sample % perFile) * maxReferences + at) * imageTokens
      const bytes = parts[Math.floor(sample / perFile)].masks.subarray(start, start + imageTokens)
      return Float32Array.from(bytes, (byte) => byte / 255)
    },
  }
}

const wordsOf = (sample: Sample): SampleWords => ({
  task: sample.task,
  slots: sample.references.map(({ slot }) => slot),
  plain: sample.plainCaption,
  pointed: sample.placeholderCaption,
  described: sample.describedCaption,
})

function pathsOf({ folder, name }: { folder: string; name: string }, file: number): { numbers: string; words: string } {
  const base = join(folder, `${name}-${String(file).padStart(4, '0')}`)
  return { numbers: `${base}.safetensors`, words: `${base}.jsonl` }
}

const fileExists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )
