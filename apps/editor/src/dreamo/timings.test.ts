import { expect, it } from 'vitest'
import { foretell } from './timings.js'

it('foretells from the nearest run of the same model: what was measured as it was, more tokens more than in proportion', () => {
  const timings = [
    { model: 'mini', tokens: 100, secondsPerStep: 1 },
    { model: 'mini', tokens: 1000, secondsPerStep: 12 },
    { model: 'other', tokens: 190, secondsPerStep: 99 },
  ]
  expect(foretell(timings, 'mini', 1000)).toEqual({ secondsPerStep: 12, isMeasured: true })
  expect(foretell(timings, 'mini', 200)).toEqual({ secondsPerStep: 3, isMeasured: false })
  expect(foretell(timings, 'mini', 50)!.secondsPerStep).toBeLessThan(0.5)
  expect(foretell(timings, 'unknown', 50)).toBeUndefined()
})
