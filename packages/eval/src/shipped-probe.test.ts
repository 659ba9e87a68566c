// The probe that comes with the repository, held against pictures whose truth is known.
import { existsSync } from 'node:fs'
import { openRuntime, type Runtime } from '@dreamgraph/runtime'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Evaluation, scorePictures } from './evaluate.js'
import { openProbe, type Probe, shippedProbe } from './probe/probe.js'
import { type Prompt, promptsOf } from './prompts.js'
import { tableOf } from './table.js'

const prompts = promptsOf({
  tasks: ['text', 'style-text', 'style', 'subject', 'subjects', 'columns', 'identity', 'try-on'],
  count: 4,
  difficulty: 0,
})

describe.skipIf(!existsSync(shippedProbe))('the shipped probe', () => {
  let runtime: Runtime
  let probe: Probe
  beforeAll(async () => {
    runtime = await openRuntime({ device: 'cpu' })
    probe = await openProbe(shippedProbe, runtime)
  })
  afterAll(() => runtime.close())

  const score = (
    set: readonly Prompt[],
    picture: (prompt: Prompt) => Prompt['sample']['target'],
  ): Promise<Evaluation> => scorePictures({ probe, prompts: set, seeds: [1n] }, async (prompt) => picture(prompt))

  const shares = (evaluation: Evaluation): Record<string, number> =>
    Object.fromEntries(tableOf(evaluation).map(({ metric, all }) => [metric, all.share]))

  test('reads drawn pictures of the test split right', async () => {
    const { pictures, drawn } = await score(prompts, ({ sample }) => sample.target)
    const answers = pictures.flatMap((picture) => picture.answers)
    const right = answers.filter(({ expected, read }) => expected === read).length
    // The goal is 98 %; models/mini/probe/accuracy.json says by attribute where it is missed so far: patterns and styles.
    expect(right / answers.length).toBeGreaterThanOrEqual(0.93)
    expect(drawn.flatMap((picture) => picture.answers)).toEqual(answers)
  })

  test('scores pictures of other prompts low', async () => {
    const other = (prompt: Prompt) => prompts[(prompts.indexOf(prompt) + 1) % prompts.length].sample.target
    const result = shares(await score(prompts, other))
    for (const metric of ['whole subject', 'two subjects', 'same person', 'whole garment']) {
      expect(result[metric], metric).toBeLessThan(0.2)
    }
    expect(result.identity).toBeLessThan(0.6)
    expect(result.place).toBeLessThan(0.4)
  })

  test('sees that two subjects have changed places', async () => {
    const pairs = promptsOf({ tasks: ['subjects'], count: 24, difficulty: 0 }).filter(({ sample: { scene } }) =>
      scene.actors.every(({ type, spot }) => type === 'thing' && (spot === 'left' || spot === 'right')),
    )
    expect(pairs.length).toBeGreaterThan(2)
    const result = shares(await score(pairs, ({ sample }) => withHalvesSwapped(sample.target)))
    expect(result['swap rate']).toBeGreaterThan(0.75) // pairs that a pattern alone tells apart are missed now and then
    expect(result['two subjects']).toBe(0)
  })
})

/** The right half of a picture on the left. */
function withHalvesSwapped({ width, height, data }: Prompt['sample']['target']): Prompt['sample']['target'] {
  const half = (width / 2) * 3
  const swapped = new Uint8Array(data.length)
  for (let from = 0; from < data.length; from += 2 * half) {
    swapped.set(data.subarray(from + half, from + 2 * half), from)
    swapped.set(data.subarray(from, from + half), from + half)
  }
  return { width, height, data: swapped }
}
