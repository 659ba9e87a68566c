// Data files and the batches made of them, on samples whose latents are made up: no autoencoder needed.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gaussianNoise } from '@dreamgraph/dreamo'
import { rngOf } from '@dreamgraph/train'
import { renderSample, tasks } from '@dreamgraph/world'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ablations } from './ablations.js'
import type { Captions } from './captions.js'
import { pooledTokens, textTokens } from './configs.js'
import { type EncodedSample, readDataFiles, type TrainingSamples, writeDataFiles } from './data-files.js'
import { openCaptions, writeFrame } from './model-folder.js'
import { adapterConfig, baseConfig } from './recipe.js'
import { exchanged, referencesSource, wordsSource } from './sources.js'
import { wordsOf } from './world-data.js'

let folder: string
let captions: Captions
let data: TrainingSamples
const values = (length: number, index: number) => gaussianNoise(length, { seed: 3n, stream: 'latent', index })

function made(index: number): EncodedSample {
  const task = tasks[index % tasks.length]
  const sample = renderSample({ seed: 'made', index, split: 'train', task, placeholders: 'always' })
  const references = sample.references.map(({ targetMask }, at) => ({
    latents: values(16 * 64, 3 * index + at),
    mask: targetMask && new Float32Array(64).fill((at + 1) / 4),
  }))
  return { words: wordsOf(sample), latents: values(64 * 64, 1000 + index), references }
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sources-'))
  await writeFrame(folder)
  captions = await openCaptions(folder)
  const name = { folder: join(folder, 'data'), name: 'made', samples: 32 }
  const calls: number[] = []
  const make = async (numbers: readonly number[]): Promise<EncodedSample[]> => {
    calls.push(numbers.length)
    return numbers.map(made)
  }
  await writeDataFiles(name, make)
  await writeDataFiles(name, make)
  expect(calls).toEqual([32]) // what is there is not made again
  const stopped = { signal: AbortSignal.abort(new Error('stopped')) }
  await expect(writeDataFiles({ ...name, name: 'other' }, make, stopped)).rejects.toThrow('stopped')
  expect(calls).toEqual([32])
  data = await readDataFiles(name)
})
afterAll(() => rm(folder, { recursive: true }))

test('what was written is read back, latents to 16 bits', () => {
  for (const index of [0, 7, 31]) {
    const { words, latents, references } = made(index)
    expect(data.words[index]).toEqual(words)
    const close = (got: Float32Array, want: Float32Array): void => {
      expect(got).toHaveLength(want.length)
      for (const [i, x] of got.entries()) expect(Math.abs(x - want[i])).toBeLessThan(2e-3 * (1 + Math.abs(want[i])))
    }
    close(data.latents(index), latents)
    for (const [at, reference] of references.entries()) {
      close(data.reference(index, at), reference.latents)
      const mask = data.mask(index, at)
      expect(mask === undefined).toBe(words.task === 'style')
      if (mask) close(mask, reference.mask!)
    }
  }
})

test('every caption of the world fits the tokens that it is given', () => {
  for (let index = 0; index < 300; index++) {
    const { plain, pointed, described } = wordsOf(renderSample({ seed: 'fit', index, split: 'train' }))
    for (const caption of [plain, pointed, described]) {
      const { text, pooled } = captions.ids(caption)
      expect([text.length, pooled.length]).toEqual([textTokens, pooledTokens])
      expect(text.at(-1), caption).toBeLessThan(2) // the end, or padding behind it
      expect(pooled.at(-1), caption).toBe(Math.max(...pooled)) // CLIP's end token is its padding
    }
  }
})

describe('batches', () => {
  test('of words say everything, and some say nothing', async () => {
    const source = wordsSource(data, captions, { ...baseConfig.stages[0], batch: 16, captionDropRate: 0.5 })
    const batch = await source.next(1, rngOf(4n))
    expect(batch.bucket).toBe('words')
    const empty = captions.ids('').text
    const said = data.words.flatMap(({ task, described }) =>
      task === batch.task ? [captions.ids(described).text] : [],
    )
    const drawn = batch.text as number[][]
    expect(drawn.filter((ids) => ids === empty).length).toBeGreaterThan(2)
    expect(drawn.every((ids) => ids === empty || said.includes(ids))).toBe(true)
    expect(await source.next(1, rngOf(4n))).toEqual(batch)
  })

  test('with references are of one task and count; pointed captions name every reference', async () => {
    const stage = { ...adapterConfig.stages[1], batch: 4 }
    const source = referencesSource(data, captions, stage)
    const seen = new Set<string>()
    for (let step = 1; step <= 80; step++) {
      const batch = await source.next(step, rngOf(BigInt(step)))
      const bucket = source.buckets[batch.bucket]
      const count = bucket.references.length
      seen.add(`${batch.task} ${count}`)
      expect(batch.latents).toHaveLength(4 * 64 * 64)
      expect(batch.references).toHaveLength(4 * count * 16 * 64)
      expect(batch.masks === undefined).toBe(count === 0 || batch.task === 'style')
      for (const [i, places] of (batch.placeholders ?? []).entries()) {
        const ids = (batch.text as number[][])[i]
        const isPointed = ids.includes(placeholderIdOf(1))
        if (isPointed) expect(places.map((at) => ids[at])).toEqual(places.map((_, at) => placeholderIdOf(at + 1)))
        else {
          const said = data.words.flatMap((words) => [words.plain, exchanged(words).plain])
          expect(said.some((plain) => captions.ids(plain).text === ids && places.length > 0)).toBe(true)
        }
      }
    }
    expect([...seen]).toEqual(expect.arrayContaining(['subject 1', 'subjects 2', 'style 1', 'try-on 2']))
  })

  test('show the same two references in either order, with words and masks that go with it', async () => {
    const stage = {
      ...adapterConfig.stages[1],
      batch: 4,
      mixture: { subjects: 1 },
      captionDropRate: 0,
      plainCaptionRate: 0,
    }
    const source = referencesSource(data, captions, stage)
    const orders = new Map<number, Set<boolean>>()
    for (let step = 1; step <= 40; step++) {
      const { text, latents, references, masks } = await source.next(step, rngOf(BigInt(step)))
      const size = latents.length / 4
      for (let i = 0; i < 4; i++) {
        const own = latents.subarray(i * size, (i + 1) * size)
        const sample = data.words.findIndex((_, other) => same(data.latents(other), own))
        const first = references.subarray(i * 2 * 16 * 64, (i * 2 + 1) * 16 * 64)
        const isExchanged = same(first, data.reference(sample, 1))
        const words = isExchanged ? exchanged(data.words[sample]) : data.words[sample]
        expect((text as number[][])[i]).toBe(captions.ids(words.pointed).text)
        expect(masks!.subarray(i * 2 * 64, (i * 2 + 1) * 64)).toEqual(data.mask(sample, isExchanged ? 1 : 0))
        orders.set(sample, (orders.get(sample) ?? new Set()).add(isExchanged))
      }
    }
    expect([...orders.values()].every((seen) => seen.size === 2)).toBe(true)
  })

  test('of the last stage keep a quarter of the tokens of a reference', async () => {
    const stage = { ...adapterConfig.stages.at(-1)!, batch: 2 }
    const batch = await referencesSource(data, captions, stage).next(1, rngOf(5n))
    expect(batch.keptTokens?.map((kept) => kept.length)).toEqual([4])
    expect(batch.references).toHaveLength(2 * 4 * 64)
  })
})

test('exchanged, words point at the other reference', () => {
  const words = {
    plain: 'the second cat on the left, the first cat',
    pointed: 'the cat [ref#2] on the left, the cat [ref#1]',
  }
  expect(exchanged(words)).toEqual({
    plain: 'the first cat on the left, the second cat',
    pointed: 'the cat [ref#1] on the left, the cat [ref#2]',
  })
  expect(exchanged(exchanged(words))).toEqual(words)
})

test('without placeholders, a reference is found at its noun, of two equal ones in turn', () => {
  const nounsOf = (plain: string, pointed: string): (string | undefined)[] =>
    [1, 2].map((slot) => {
      const at = captions.nounAt({ plain, pointed }, slot)
      return at === undefined ? undefined : wordAt(plain, at)
    })
  const boats = ['on the left', 'on the right'].map((where, i) => `the boat [ref#${2 - i}] ${where}`).join(' and ')
  expect(nounsOf('on a meadow, the cat on the left', 'on a meadow, the cat [ref#1] on the left')).toEqual([
    'cat 1',
    undefined,
  ])
  expect(nounsOf('the second boat on the left and the first boat on the right', boats)).toEqual(['boat 2', 'boat 1'])
  const dressed = 'wearing the dress'
  expect(
    nounsOf(`the person in the middle, ${dressed}`, `the person [ref#1] in the middle, ${dressed} [ref#2]`),
  ).toEqual(['person 1', 'dress 1'])
})

/** The word at a token of a caption, and which of its kind it is. */
function wordAt(caption: string, at: number): string {
  const ids = captions.ids(caption).text
  const word = caption.split(/[ ,]+/).find((candidate) => captions.ids(candidate).text[0] === ids[at])
  return `${word} ${ids.slice(0, at + 1).filter((id) => id === ids[at]).length}`
}

test('ablations differ from the full recipe in one thing each, and take as many steps', () => {
  const [full, ...others] = ablations(1n, 0.1)
  const stepsOf = ({ config }: typeof full) => config.stages.reduce((sum, { steps }) => sum + steps, 0)
  for (const other of others) expect(stepsOf(other), other.name).toBe(stepsOf(full))
  const without = (loss: 'route' | 'holder') => {
    const stages = full.config.stages.map((stage) => ({ ...stage, losses: { ...stage.losses, [loss]: 0 } }))
    return { config: { ...full.config, stages }, learnIndex: true }
  }
  const [subjects, all, settle, quality] = full.config.stages
  const steps = subjects.steps + all.steps + quality.steps
  const atOnce = { ...all, steps, schedule: subjects.schedule }
  expect(Object.fromEntries(others.map(({ name, ...rest }) => [name, rest]))).toEqual({
    'without routing': without('route'),
    'without index embedding': { config: full.config, learnIndex: false },
    'without placeholder loss': without('holder'),
    'without progressive stages': { config: { ...full.config, stages: [atOnce, settle] }, learnIndex: true },
  })
  expect(full.config.stages.every(({ losses }) => losses.route > 0 && losses.holder > 0)).toBe(true)
})

const same = (a: Float32Array, b: Float32Array): boolean => a.every((x, i) => x === b[i])

function placeholderIdOf(slot: number): number {
  const at = captions.placeholderAt(`[ref#${slot}]`, slot)!
  return captions.ids(`[ref#${slot}]`).text[at]
}
