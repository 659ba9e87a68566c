import { expect, test } from 'vitest'
import { assertMatch, matchWeights } from './match.js'
import type { WeightView } from './view.js'

const view = (name: string, shape: number[], dtype: WeightView['dtype'] = 'BF16'): [string, WeightView] => [
  name,
  { name, shape, dtype, parts: [] },
]
const expected = [
  { name: 'a', shape: [2, 3] },
  { name: 'b', shape: [4] },
  { name: 'c', shape: [4] },
  { name: 'd', shape: [1] },
]

test('sorts every tensor into its case', () => {
  const report = matchWeights(
    expected,
    new Map([view('a', [2, 3]), view('b', [4, 1]), view('d', [1], 'I8'), view('x', [1])]),
  )
  expect(report).toEqual({
    matched: ['a'],
    missing: ['c'],
    unexpected: ['x'],
    wrongShape: [{ name: 'b', expected: [4], got: [4, 1] }],
    notFloat: [{ name: 'd', dtype: 'I8' }],
  })
  expect(() => assertMatch(report, '/model')).toThrow(
    '/model: expected all 4 tensors of the model, got 1; 1 missing: c; 1 of the wrong shape: b [4,1] for [4]; 1 not floating-point: d (I8)',
  )
})

test('names the first keys of many, and lets extras pass unless asked', () => {
  const names = Array.from({ length: 10 }, (_, i) => `layer.${i}`)
  const missing = matchWeights(
    names.map((name) => ({ name, shape: [] })),
    new Map(),
  )
  expect(() => assertMatch(missing, 'm')).toThrow('10 missing: layer.0, layer.1, layer.2 and 7 more')
  const extra = matchWeights([{ name: 'a', shape: [1] }], new Map([view('a', [1], 'F8_E4M3'), view('x', [1])]))
  expect(() => assertMatch(extra, 'm')).not.toThrow()
  expect(() => assertMatch(extra, 'm', { unexpected: 'refuse' })).toThrow('1 unexpected: x')
})
