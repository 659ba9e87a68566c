import { expect, test } from 'vitest'
import { sinusoid } from './sinusoid.js'
import { closeTo, openGolden } from './testing/golden.js'

const golden = openGolden('flux_tiny')

test.each(['timestep', 'guidance'])('%s features equal the official ones', (name) => {
  const tensor = `${name}_sinusoid`
  closeTo(sinusoid(golden.tensor(name).data), golden.tensor(tensor).data, golden.tolerance(tensor))
})

test('one row per value, cosines first', () => {
  const features = sinusoid([0, 1])
  expect(features).toHaveLength(512)
  expect([...features.subarray(0, 128)]).toEqual(new Array(128).fill(1))
  expect([...features.subarray(128, 256)]).toEqual(new Array(128).fill(0))
  expect(features[256]).toBe(Math.fround(Math.cos(1000)))
  expect(features[256 + 128]).toBe(Math.fround(Math.sin(1000)))
})
