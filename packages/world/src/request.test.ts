import { expect, test } from 'vitest'
import { WorldError, type WorldErrorCode, worldErrorCodes } from './errors.js'
import { checkRequest, type SampleRequest } from './request.js'
import { difficultyOf, taskMixture, tasks } from './tasks.js'

const good: SampleRequest = { seed: 1n, index: 0, split: 'train' }
const zeros = Object.fromEntries(tasks.map((task) => [task, 0])) as typeof taskMixture

test.each<[WorldErrorCode, string, object]>([
  ['world/index-invalid', 'index: expected a whole number from 0, got -1', { index: -1 }],
  ['world/index-invalid', 'index: expected a whole number from 0, got 0.5', { index: 0.5 }],
  ['world/choice-invalid', 'split: expected one of train, test, got valid', { split: 'valid' }],
  ['world/choice-invalid', `task: expected one of ${tasks.join(', ')}, got inpaint`, { task: 'inpaint' }],
  ['world/choice-invalid', 'placeholders: expected one of half, always, never, got yes', { placeholders: 'yes' }],
  ['world/choice-invalid', 'referenceSizePx: expected one of 48, 64, got 50', { referenceSizePx: 50 }],
  [
    'world/difficulty-invalid',
    'difficulty.tilt: expected a number from 0 to 1, got 1.5',
    { difficulty: { ...difficultyOf(0), tilt: 1.5 } },
  ],
  [
    'world/difficulty-invalid',
    'difficulty.shift: expected a number from 0 to 1, got NaN',
    { difficulty: { ...difficultyOf(0), shift: Number.NaN } },
  ],
  [
    'world/mixture-invalid',
    'mixture.text: expected a weight from 0, got -1',
    { mixture: { ...taskMixture, text: -1 } },
  ],
  ['world/mixture-invalid', 'mixture: expected a task with a weight above 0, got zeros alone', { mixture: zeros }],
])('%s: %s', (code, message, wrong) => {
  let caught: unknown
  try {
    checkRequest({ ...good, ...wrong })
  } catch (error) {
    caught = error
  }
  expect(caught).toBeInstanceOf(WorldError)
  expect(caught).toMatchObject({ code, message, userFault: true })
  expect(worldErrorCodes).toHaveProperty([code])
})

test('a request with nothing but seed, index and split is enough', () => {
  expect(() => checkRequest(good)).not.toThrow()
})
