import { expect, test } from 'vitest'
import { layersOf, leakages, mapBytes, meanMaps, type Responses, routingMaps } from './routing-maps.js'

const grid = { rows: 1, columns: 4 }
/** Two references in slots 2 and 5, three layers; the last says nothing of slot 5. */
const responses: Responses = {
  layers: 3,
  slots: [2, 5],
  grid,
  data: Float32Array.of(
    ...[0, 1, 2, 4, /* */ 8, 8, 0, 0],
    ...[-10, 10, -10, 10, /* */ 0, 0, -1, -1],
    ...[0, 0, 0, 1, /* */ 7, 7, 7, 7],
  ),
}
const plain = (maps: readonly { reference: number; map: Float32Array }[]) =>
  maps.map(({ reference, map }) => [reference, ...[...map].map((value) => Number(value.toFixed(4)))])

test('each layer counts alike, whatever its scale; one that answers everywhere alike counts as nothing', () => {
  expect(plain(routingMaps(responses))).toEqual([
    [2, 0, 0.4167, 0.1667, 1],
    [5, 0.6667, 0.6667, 0, 0],
  ])
})

test('layers are read in thirds, in running order', () => {
  expect(plain(routingMaps(responses, layersOf('early', 3)))).toEqual([
    [2, 0, 0.25, 0.5, 1],
    [5, 1, 1, 0, 0],
  ])
  expect(plain(routingMaps(responses, layersOf('late', 3)))).toEqual([
    [2, 0, 0, 0, 1],
    [5, 0, 0, 0, 0],
  ])
  const flux = (['early', 'middle', 'late'] as const).map((group) => layersOf(group, 57))
  expect(flux).toEqual([
    { from: 0, to: 19 },
    { from: 19, to: 38 },
    { from: 38, to: 57 },
  ])
})

test('maps of several steps have a mean', () => {
  const [one, two] = [Float32Array.of(0, 1), Float32Array.of(1, 0.5)]
  expect(plain(meanMaps([[{ reference: 3, map: one }], [{ reference: 3, map: two }]]))).toEqual([[3, 0.5, 0.75]])
})

test('bytes span from 0 to 255, and are 0 where there is nothing to see', () => {
  expect([...mapBytes(Float32Array.of(-1, 0, 3))]).toEqual([0, 64, 255])
  expect([...mapBytes(Float32Array.of(0.3, 0.3))]).toEqual([0, 0])
})

test('leakage is 0 for subjects apart, 1 for two in one place, and counts the nearest of many', () => {
  const of = (...maps: number[][]) =>
    leakages(maps.map((map, reference) => ({ reference, map: Float32Array.from(map) }))).map((x) =>
      Number(x.toFixed(4)),
    )
  expect(of([1, 0, 0, 0])).toEqual([0])
  expect(of([1, 0, 0, 0], [0, 0, 0, 1])).toEqual([0, 0])
  expect(of([1, 1, 0, 0], [2, 2, 0, 0])).toEqual([1, 1])
  // Above their means: [½, ½, 0, 0] and [0, ½, ½, 0].
  expect(of([1, 1, 0, 0], [0, 1, 1, 0])).toEqual([0.5, 0.5])
  expect(of([1, 1, 0, 0], [0, 1, 1, 0], [0, 0, 1, 1])).toEqual([0.5, 1, 0.5])
  expect(of([1, 1, 1, 1], [0, 1, 1, 0])).toEqual([0, 0])
})
