// The files that training data lie in: `<name>-0000.safetensors` with latents and masks, `<name>-0000.jsonl` with the words.
import { access, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { makeFolder, writeFileAtomic } from '@dreamgraph/store'
import { decodeFloats, encodeFloats, openSafetensors, readTensor, writeSafetensors } from '@dreamgraph/weights'
import type { Task } from '@dreamgraph/world'
import { imageTokens, maxReferences, referenceTokens, tokenChannels } from './sizes.js'

export interface DataName {
  readonly folder: string
  readonly name: string
  readonly samples: number
}

/** What a sample says; the line of a .jsonl file. */
export interface SampleWords {
  readonly task: Task
  readonly slots: readonly number[]
  readonly plain: string
  readonly pointed: string
  readonly described: string
}

/** A sample as it is stored: packed latents of the target, of each reference, and where its subject stands. */
export interface EncodedSample {
  readonly words: SampleWords
  readonly latents: Float32Array
  readonly references: readonly { readonly latents: Float32Array; readonly mask?: Float32Array }[]
}

export interface TrainingSamples {
  readonly words: readonly SampleWords[]
  /** Packed latents of targets, [tokens · channels]. */
  latents(sample: number): Float32Array
  /** Of reference 0 or 1 of a sample. */
  reference(sample: number, at: number): Float32Array
  /** Share of each image token that the subject of a reference covers; undefined for a style. */
  mask(sample: number, at: number): Float32Array | undefined
}

export interface DataHooks {
  /** Aborting throws its reason; the file that is under way is made anew by the next run. */
  readonly signal?: AbortSignal
  readonly onFile?: (done: number, files: number) => void
}

const perFile = 512

/** Writes the files that are not there yet: one is whole or absent, so an interrupted run goes on. */
export async function writeDataFiles(
  { folder, name, samples }: DataName,
  make: (numbers: readonly number[]) => Promise<EncodedSample[]>,
  { signal, onFile }: DataHooks = {},
): Promise<void> {
  await makeFolder(folder)
  const files = Math.ceil(samples / perFile)
  for (let file = 0; file < files; file++) {
    signal?.throwIfAborted()
    const paths = pathsOf({ folder, name }, file)
    if (!(await exists(paths.words))) {
      const count = Math.min(perFile, samples - file * perFile)
      await writeOne(paths, await make(Array.from({ length: count }, (_, i) => file * perFile + i)))
    }
    onFile?.(file + 1, files)
  }
}

/** What makes samples one after another; aborting ends it between two. */
export function oneByOne(
  makeOne: (index: number) => Promise<EncodedSample>,
  { signal }: DataHooks,
): (numbers: readonly number[]) => Promise<EncodedSample[]> {
  return async (numbers) => {
    const samples: EncodedSample[] = []
    for (const index of numbers) {
      signal?.throwIfAborted()
      samples.push(await makeOne(index))
    }
    return samples
  }
}

async function writeOne(paths: { numbers: string; words: string }, samples: readonly EncodedSample[]): Promise<void> {
  const latents = new Float32Array(samples.length * imageTokens * tokenChannels)
  const references = new Float32Array(samples.length * maxReferences * referenceTokens * tokenChannels)
  const masks = new Uint8Array(samples.length * maxReferences * imageTokens)
  for (const [i, sample] of samples.entries()) {
    latents.set(sample.latents, i * imageTokens * tokenChannels)
    for (const [at, reference] of sample.references.entries()) {
      const place = i * maxReferences + at
      references.set(reference.latents, place * referenceTokens * tokenChannels)
      const bytes = reference.mask?.map((share) => Math.round(255 * share))
      if (bytes) masks.set(bytes, place * imageTokens)
    }
  }
  const half = (data: Float32Array) => encodeFloats(data, 'F16', paths.numbers)
  const count = samples.length
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
  const lines = samples.map(({ words }) => JSON.stringify(words))
  await writeFileAtomic(paths.words, `${lines.join('\n')}\n`) // last: it says that the file is whole
}

/** Reads files that were written before into memory, as 16-bit floats. */
export async function readDataFiles({ folder, name, samples }: DataName): Promise<TrainingSamples> {
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
    const count = Math.min(perFile, samples - file * perFile)
    if (lines.length !== count) {
      throw new Error(
        `${paths.words}: expected ${count} samples, got ${lines.length}: it is of a run with another --share`,
      )
    }
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

function pathsOf({ folder, name }: { folder: string; name: string }, file: number): { numbers: string; words: string } {
  const base = join(folder, `${name}-${String(file).padStart(4, '0')}`)
  return { numbers: `${base}.safetensors`, words: `${base}.jsonl` }
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )
