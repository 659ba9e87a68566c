// Modulations computed ahead: the same field, and one pass for all points that were announced.
import { type EncodedText, encodeText, gaussianNoise, tokenGrid, velocityField } from '@dreamgraph/dreamo'
import { Session } from '@dreamgraph/runtime'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { largestDifference, openSmallModel, referenceIn, type SmallModel } from './small-model.js'

const grid = tokenGrid({ width: 48, height: 32 })
const noise = gaussianNoise(grid.rows * grid.columns * 64, { seed: 1n, stream: 'latent', index: 0 })

const original = Session.prototype.run
let small: SmallModel
let text: EncodedText
beforeAll(async () => {
  small = await openSmallModel()
  text = await encodeText(small.dreamo, 'a fox as [ref#1]', { maxTokens: 16 })
})
afterAll(() => small.close())

const fieldOf = async (ahead: boolean, about = text) =>
  velocityField(small.dreamo, {
    ...{ grid, text: about, references: [await referenceIn(small.dreamo, 1)], hasRows: true, ahead },
  })

test('the field is the same, whether they are computed at each point or ahead', async () => {
  const [each, ahead] = [await fieldOf(false), await fieldOf(true)]
  for (const [sigma, guidance] of [
    [1, 4],
    [0.5, 4],
    [0.1, 1],
  ]) {
    const point = { latents: noise, sigma: sigma!, guidance: guidance!, withResponses: true }
    const [a, b] = [await each(point), await ahead(point)]
    expect(largestDifference(a.velocity, b.velocity)).toBeLessThan(1e-5)
    expect(largestDifference(a.responses!.data, b.responses!.data)).toBeLessThan(1e-5)
  }
})

test('what was announced costs no pass of its own, and a point not announced gets the same bytes', async () => {
  const about = { ...text, pooled: { ...text.pooled } } // a prompt that nobody has asked for yet
  const ran: string[] = []
  const run = vi.spyOn(Session.prototype, 'run').mockImplementation(function (this: Session, ...args) {
    ran.push(this.name)
    return original.apply(this, args)
  })
  const passes = (): number => ran.filter((name) => name === 'transformer, modulations').length
  try {
    const sigmas = Array.from({ length: 40 }, (_, i) => 1 - i / 40)
    const points = sigmas.map((sigma) => ({ sigma, guidance: 4 }))
    const field = await fieldOf(true, about)
    const values = []
    for (const point of points) values.push(await field({ ...point, latents: noise, ahead: points }))
    expect(passes()).toBe(2) // of 32 points each
    const alone = await fieldOf(true, { ...text, pooled: { ...text.pooled } })
    expect((await alone({ ...points[39]!, latents: noise })).velocity).toEqual(values[39]!.velocity)
    expect(passes()).toBe(3)
  } finally {
    run.mockRestore()
  }
})

test('a pass that was cancelled is made anew', async () => {
  const about = { ...text, pooled: { ...text.pooled } }
  const field = await fieldOf(true, about)
  const point = { latents: noise, sigma: 0.7, guidance: 4 }
  const stopped = AbortSignal.abort(new Error('stop'))
  await expect(field({ ...point, signal: stopped })).rejects.toMatchObject({ code: 'runtime/cancelled' })
  const { velocity } = await field(point)
  expect(largestDifference(velocity, (await (await fieldOf(false))(point)).velocity)).toBeLessThan(1e-5)
})

test('who gives up a pass that others share leaves it to them', async () => {
  const about = { ...text, pooled: { ...text.pooled } }
  const [leaving, staying] = [await fieldOf(true, about), await fieldOf(true, about)]
  const point = { latents: noise, sigma: 0.6, guidance: 4 }
  const stop = new AbortController()
  const ends = Promise.allSettled([leaving({ ...point, signal: stop.signal }), staying(point)])
  stop.abort(new Error('stop'))
  const [left, stayed] = await ends
  expect(left).toMatchObject({ status: 'rejected', reason: { code: 'runtime/cancelled' } })
  expect(stayed).toMatchObject({ status: 'fulfilled', value: { velocity: (await staying(point)).velocity } })
})
