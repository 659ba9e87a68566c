import { expect, test } from 'vitest'
import { positionIds, sequenceIds } from './latents.js'
import { ropeTable } from './rope.js'
import { closeTo, openGolden } from './testing/golden.js'

test('the table of [text, image, references] equals the official one', () => {
  const golden = openGolden('flux_tiny')
  const imageIds = positionIds({ rows: 6, columns: 8 }, [
    { rows: 4, columns: 4 },
    { rows: 3, columns: 5 },
  ])
  const table = ropeTable(sequenceIds(12, imageIds), [4, 6, 6])
  expect([table.tokens, table.headDim]).toEqual(golden.tensor('rope_cos').shape)
  const strict = { atol: 2e-6, rtol: 1e-5 }
  closeTo(table.cos, golden.tensor('rope_cos').data, strict)
  closeTo(table.sin, golden.tensor('rope_sin').data, strict)
})

test('position zero rotates by nothing', () => {
  const { cos, sin } = ropeTable(new Int32Array(6), [2, 2, 4])
  expect(new Set(cos)).toEqual(new Set([1]))
  expect(new Set(sin)).toEqual(new Set([0]))
})

test('far positions keep float64 angles', () => {
  const { cos } = ropeTable(Int32Array.of(0, 4096, 0), [2, 2, 2])
  expect(cos[2]).toBe(Math.fround(Math.cos(4096)))
})

test('ids that do not fill the axes are our own bug', () => {
  expect(() => ropeTable(new Int32Array(4), [2, 2, 2])).toThrow(/^internal:/)
})
