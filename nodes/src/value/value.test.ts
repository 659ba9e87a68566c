import { maxSeed } from '@dreamgraph/graph'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { flat } from '../testing/pictures.js'
import { runNode, type Surroundings, surroundings } from '../testing/surroundings.js'
import { valueFloatRange } from './float-range.js'
import { valueImageList } from './image-list.js'
import { valueNodes } from './index.js'
import { valueIntRange } from './int-range.js'
import { valueSeedList } from './seed-list.js'
import { switches } from './switch.js'
import { valueTextJoin } from './text-join.js'
import { valueTextList } from './text-list.js'

let around: Surroundings
beforeAll(async () => {
  around = await surroundings()
})
afterAll(() => around.remove())

test.each(valueNodes.map((node) => [node.type, node] as const))('%s is described', (_, node) => {
  expect(node.title).not.toBe('')
  expect(Object.values(node.params).every((param) => param.defaultValue !== undefined)).toBe(true)
})

test.each([
  ['value/int', { value: 7 }],
  ['value/float', { value: 0.5 }],
  ['value/text', { value: 'two\nlines' }],
  ['value/boolean', { value: true }],
  ['value/seed', { seed: maxSeed }],
])('%s gives what it holds', async (type, params) => {
  const node = valueNodes.find((candidate) => candidate.type === type)!
  expect(await runNode(node, {}, params, around)).toEqual(params)
})

describe('lists', () => {
  test('texts: one a line, trimmed, without empty ones', async () => {
    const { texts } = await runNode(valueTextList, {}, { lines: ' a cat \r\n\n  \na dog' }, around)
    expect(texts).toEqual(['a cat', 'a dog'])
  })

  test('seeds count up to the largest', async () => {
    const { seeds } = await runNode(valueSeedList, {}, { start: maxSeed - 2n, count: 3 }, around)
    expect(seeds).toEqual([maxSeed - 2n, maxSeed - 1n, maxSeed])
  })

  test('integers step up or down', async () => {
    expect((await runNode(valueIntRange, {}, { start: 3, step: -2, count: 3 }, around)).values).toEqual([3, 1, -1])
  })

  test('numbers include both ends exactly', async () => {
    const { values } = await runNode(valueFloatRange, {}, { from: 0.1, to: 0.7, count: 4 }, around)
    expect([values[0], values[3]]).toEqual([0.1, 0.7])
    expect(values[1]).toBeCloseTo(0.3, 15)
    expect((await runNode(valueFloatRange, {}, { from: 2, to: 9, count: 1 }, around)).values).toEqual([2])
  })

  test('pictures keep the order of their links', async () => {
    const images = [flat(1, 1, [1]), flat(2, 1, [2])]
    expect((await runNode(valueImageList, { images }, {}, around)).images).toEqual(images)
  })

  test.each([
    ['no text', () => runNode(valueTextList, {}, { lines: ' \n' }, around)],
    ['too many texts', () => runNode(valueTextList, {}, { lines: 'x\n'.repeat(10_001) }, around)],
    ['seeds beyond 64 bits', () => runNode(valueSeedList, {}, { start: maxSeed, count: 2 }, around)],
    ['integers beyond 2^53', () => runNode(valueIntRange, {}, { start: 2 ** 53 - 2, step: 5, count: 2 }, around)],
  ])('%s is a typed fault', async (_, run) => {
    await expect(run()).rejects.toMatchObject({ code: 'nodes/list-invalid', userFault: true })
  })
})

describe('switches', () => {
  test.each(switches.map((node) => [node.type, node] as const))(
    '%s evaluates the chosen side only',
    async (_, node) => {
      const asked: string[] = []
      const side = (name: string) => async () => {
        asked.push(name)
        return name
      }
      const inputs = { onTrue: side('true'), onFalse: side('false') }
      expect(await runNode(node, inputs, { condition: true }, around)).toEqual({ value: 'true' })
      expect(await runNode(node, inputs, { condition: false }, around)).toEqual({ value: 'false' })
      expect(asked).toEqual(['true', 'false'])
    },
  )
})

describe('joined texts', () => {
  const join = (template: string, inputs: Record<string, string> = {}) => {
    return runNode(
      valueTextJoin,
      { a: undefined, b: undefined, c: undefined, d: undefined, ...inputs },
      { template },
      around,
    )
  }

  test('fill their places, as often as they are named; what they hold is not read again', async () => {
    const { text } = await join('{a} and {b}, {{a}} {a}', { a: '{b} [ref#1] $&', b: 'x' })
    expect(text).toBe('{b} [ref#1] $& and x, {a} {b} [ref#1] $&')
  })

  test.each(['{c}', '{}', '{a', 'a}', '{ a }'])('refuse %s', async (template) => {
    await expect(join(template, { a: 'x' })).rejects.toMatchObject({ code: 'nodes/template-invalid' })
  })
})
