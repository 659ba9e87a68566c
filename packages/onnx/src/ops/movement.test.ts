import { expect, test } from 'vitest'
import { input } from '../tensor.js'
import { cast } from './elementwise.js'
import { concat, reshape } from './movement.js'

test('[L2] nothing is emitted for nothing', () => {
  const x = input('x', [2, 3])
  expect(reshape(x, { shape: [2, 3] })).toBe(x)
  expect(cast(x, 'float32')).toBe(x)
  expect(concat([x], { axis: 0 })).toBe(x)
})
