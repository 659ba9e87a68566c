import { describe, expect, it } from 'vitest'
import { emaDecayAt } from './ema.js'
import { flowTimes } from './flow-times.js'
import { choose, rngOf, stepSeed } from './random.js'
import { learningRateAt } from './schedule.js'

describe('the learning rate', () => {
  const schedule = { peak: 2, warmupSteps: 4, decay: 'cosine', floor: 0.1, steps: 14 } as const

  it('climbs to its peak in equal steps', () => {
    expect([1, 2, 3, 4].map((t) => learningRateAt(schedule, t))).toEqual([0.5, 1, 1.5, 2])
  })

  it('falls along half a cosine to its floor at the last step', () => {
    expect(learningRateAt(schedule, 9)).toBeCloseTo(2 * (0.1 + 0.9 / 2), 12)
    expect(learningRateAt(schedule, 14)).toBeCloseTo(0.2, 12)
    expect(learningRateAt(schedule, 99)).toBeCloseTo(0.2, 12)
  })

  it('stays, if constant, and starts at its peak without warm-up', () => {
    const constant = { ...schedule, decay: 'constant', warmupSteps: 0 } as const
    expect([1, 14].map((t) => learningRateAt(constant, t))).toEqual([2, 2])
  })
})

it('the decay of the running mean climbs from 2/11 to its end', () => {
  expect(emaDecayAt(0.999, 1)).toBeCloseTo(2 / 11)
  expect(emaDecayAt(0.999, 10 ** 6)).toBe(0.999)
})

describe('flow times', () => {
  const many = 20_000
  const mean = (values: Float32Array) => values.reduce((sum, value) => sum + value, 0) / values.length

  it('are the same for a seed, and others for another', () => {
    const times = { kind: 'logit-normal', mean: 0, std: 1 } as const
    expect(flowTimes(8, 3n, times)).toEqual(flowTimes(8, 3n, times))
    expect(flowTimes(8, 3n, times)).not.toEqual(flowTimes(8, 4n, times))
  })

  it('uniform: each tenth holds a tenth', () => {
    const counts = new Array<number>(10).fill(0)
    for (const t of flowTimes(many, 1n, { kind: 'uniform' })) counts[Math.floor(t * 10)]++
    for (const count of counts) expect(Math.abs(count - many / 10)).toBeLessThan(200)
  })

  it('logit-normal: logits have the mean and spread that were asked for, and lie inside (0, 1)', () => {
    const times = flowTimes(many, 2n, { kind: 'logit-normal', mean: 0.5, std: 2 })
    const logits = times.map((t) => Math.log(t / (1 - t)))
    expect(mean(logits)).toBeCloseTo(0.5, 1)
    expect(Math.sqrt(mean(logits.map((value) => (value - 0.5) ** 2)))).toBeCloseTo(2, 1)
    expect(times.every((t) => t > 0 && t < 1)).toBe(true)
  })
})

describe('random numbers of a step', () => {
  it('differ by seed, step and micro-batch, and stay the same from release to release', () => {
    const seeds = [stepSeed(1n, 0, 1), stepSeed(1n, 1, 0), stepSeed(2n, 0, 1), stepSeed(1n, 0), stepSeed(1n, 0, 2)]
    expect(new Set(seeds).size).toBe(seeds.length)
    expect(rngOf(stepSeed(1n, 2, 3))()).toMatchInlineSnapshot(`0.33534103189595044`)
  })

  it('are uniform', () => {
    const rng = rngOf(9n)
    const values = Float32Array.from({ length: 20_000 }, rng)
    expect(values.reduce((sum, value) => sum + value, 0) / values.length).toBeCloseTo(0.5, 2)
  })

  it('choose by weight, and never what has none', () => {
    const rng = rngOf(4n)
    const seen = { a: 0, b: 0, c: 0 }
    for (let i = 0; i < 4000; i++) seen[choose({ a: 3, b: 0, c: 1 }, rng)]++
    expect(seen.b).toBe(0)
    expect(seen.a / 4000).toBeCloseTo(0.75, 1)
  })
})
