import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { DreamoError } from './errors.js'
import { gaussianNoise, parseSeed } from './noise.js'
import { philox } from './philox.js'

const source = { seed: 11980469406460273604n, stream: 'latent', index: 0 } as const

describe('what a seed means', () => {
  test('the bytes are pinned: a change here changes every picture ever saved', () => {
    const values = gaussianNoise(4096, source)
    const digest = createHash('sha256').update(new Uint8Array(values.buffer)).digest('hex')
    expect(digest).toMatchInlineSnapshot(`"b64613978eaaf6d6c5e44c172463c01bdf017a78db24615f53ccd2d1ed142729"`)
  })

  test('they are Box–Muller of Philox', () => {
    const key: [number, number] = [Number(source.seed & 0xffffffffn), Number(source.seed >> 32n)]
    const values = gaussianNoise(4000, { ...source, stream: 'reference', index: 3 })
    for (let block = 0; block < 1000; block++) {
      const words = philox([block, 0, 3, 1], key)
      for (const pair of [0, 1]) {
        const radius = Math.sqrt(-2 * Math.log((words[2 * pair]! + 0.5) / 2 ** 32))
        const angle = 2 * Math.PI * ((words[2 * pair + 1]! + 0.5) / 2 ** 32)
        expect(values[4 * block + 2 * pair]).toBeCloseTo(radius * Math.cos(angle), 5)
        expect(values[4 * block + 2 * pair + 1]).toBeCloseTo(radius * Math.sin(angle), 5)
      }
    }
  })

  test('a longer draw begins with the shorter one', () => {
    const long = gaussianNoise(64, source)
    for (const length of [0, 1, 2, 3, 4, 5, 63]) expect(gaussianNoise(length, source)).toEqual(long.slice(0, length))
  })

  test('seeds beyond 2^53 that differ in the last bit differ', () => {
    expect(gaussianNoise(4, { ...source, seed: source.seed + 1n })).not.toEqual(gaussianNoise(4, source))
  })
})

describe('statistics of a million values', () => {
  const count = 1 << 20
  const values = gaussianNoise(count, source)

  test('moments of the standard normal within five standard errors', () => {
    const moment = (power: number) => values.reduce((sum, value) => sum + value ** power, 0) / count
    const error = 5 / Math.sqrt(count)
    expect(Math.abs(moment(1))).toBeLessThan(error)
    expect(Math.abs(moment(2) - 1)).toBeLessThan(error * Math.sqrt(2))
    expect(Math.abs(moment(3))).toBeLessThan(error * Math.sqrt(15))
    expect(Math.abs(moment(4) - 3)).toBeLessThan(error * Math.sqrt(96))
  })

  test('shares within 1, 2 and 3 sigma', () => {
    const within = (sigma: number) => values.reduce((sum, value) => sum + Number(Math.abs(value) < sigma), 0) / count
    expect(within(1)).toBeCloseTo(0.6827, 2)
    expect(within(2)).toBeCloseTo(0.9545, 2)
    expect(within(3)).toBeCloseTo(0.9973, 3)
  })

  test('neighbours, streams and indices are uncorrelated', () => {
    const correlation = (a: Float32Array, b: Float32Array) =>
      a.reduce((sum, value, i) => sum + value * b[i]!, 0) / a.length
    const error = 5 / Math.sqrt(count / 4)
    const part = values.subarray(0, count / 4)
    const others = [
      values.subarray(1, 1 + count / 4),
      values.subarray(2, 2 + count / 4),
      gaussianNoise(count / 4, { ...source, stream: 'reference' }),
      gaussianNoise(count / 4, { ...source, index: 1 }),
    ]
    for (const other of others) expect(Math.abs(correlation(part, other))).toBeLessThan(error)
  })
})

describe('seeds', () => {
  test('64 bits survive', () => {
    expect(parseSeed('18446744073709551615')).toBe(2n ** 64n - 1n)
    expect(parseSeed('0')).toBe(0n)
  })

  test.each(['', '-1', '1.5', '18446744073709551616', '0x10', '1e3', ' 7'])('%j is refused', (text) => {
    expect(() => parseSeed(text, 'node 4, param seed')).toThrow(/^node 4, param seed: expected a whole number from 0/)
  })

  test('a negative seed is the user’s fault', () => {
    expect(() => gaussianNoise(1, { ...source, seed: -1n })).toThrow(DreamoError)
  })
})
