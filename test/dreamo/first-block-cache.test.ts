// The first-block cache: nothing changes while it skips nothing, and what it skips is what it says.
import { type DenoiseStep, denoise, encodeText, gaussianNoise } from '@dreamgraph/dreamo'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { largestDifference, openSmallModel, referenceIn, type SmallModel } from './small-model.js'

let small: SmallModel
beforeAll(async () => {
  small = await openSmallModel()
})
afterAll(() => small.close())

async function paint(firstBlockCache: number, options: { trueCfg?: boolean; maps?: boolean } = {}) {
  const model = small.dreamo
  const text = await encodeText(model, 'a cat [ref#1]', { maxTokens: 8 })
  const steps: DenoiseStep[] = []
  const noise = gaussianNoise(16 * model.transformer.config.inChannels, { seed: 2n, stream: 'latent', index: 0 })
  const latents = await denoise(model, {
    noise,
    grid: { rows: 4, columns: 4 },
    text,
    references: [await referenceIn(model, 1)],
    steps: 12,
    guidance: 3.5,
    firstBlockCache,
    trueCfg: options.trueCfg ? { negative: text, scale: 2, startStep: 0, endStep: 12, guidance: 3.5 } : undefined,
    wantsResponses: () => options.maps ?? false,
    onStep: (step) => steps.push(step),
  })
  return { latents, reused: steps.filter(({ isReused }) => isReused).map(({ step }) => step) }
}

test('a threshold that no step meets changes nothing, with and without true CFG', async () => {
  for (const trueCfg of [false, true]) {
    const plain = await paint(0, { trueCfg })
    const cached = await paint(1e-9, { trueCfg })
    expect(cached.reused).toEqual([])
    expect(largestDifference(cached.latents, plain.latents)).toBeLessThan(1e-5)
  }
})

test('the higher the threshold, the more steps reuse others; never the first; the error stays small', async () => {
  const plain = await paint(0)
  const size = Math.sqrt(plain.latents.reduce((sum, x) => sum + x * x, 0))
  const counts: number[] = []
  for (const threshold of [0.02, 0.1, 1]) {
    const { latents, reused } = await paint(threshold)
    expect(reused).not.toContain(1)
    counts.push(reused.length)
    const error = Math.sqrt(latents.reduce((sum, x, i) => sum + (x - plain.latents[i]!) ** 2, 0)) / size
    expect(error).toBeLessThan(0.5)
  }
  expect(counts).toEqual(counts.toSorted((a, b) => a - b))
  expect(counts[2]).toBeGreaterThan(8)
})

test('steps that are watched are computed in full', async () => {
  const { latents, reused } = await paint(1, { maps: true })
  expect(reused).toEqual([])
  expect(latents).toEqual((await paint(0)).latents)
})
