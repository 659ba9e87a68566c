import { type EncodedText, encodeText } from '@dreamgraph/dreamo'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { largestDifference, openSmallModel, type SmallModel } from './small-model.js'

let small: SmallModel
beforeAll(async () => {
  small = await openSmallModel()
})
afterAll(() => small.close())

const encode = (prompt: string, maxTokens = 24): Promise<EncodedText> => encodeText(small.dreamo, prompt, { maxTokens })

test('a prompt becomes states for every position and one pooled state', async () => {
  const text = await encode('a fox in the snow')
  expect(text.prompt).toBe('a fox in the snow')
  expect(text.states).toMatchObject({ dtype: 'float32', shape: [1, 24, small.base.t5.config.hiddenSize] })
  expect(text.pooled).toMatchObject({ dtype: 'float32', shape: [1, small.base.clip.config.hiddenSize] })
  expect(text.states.data.every(Number.isFinite) && text.pooled.data.every(Number.isFinite)).toBe(true)
})

test('512 positions unless told', async () => {
  const { states } = await encodeText(small.dreamo, '')
  expect(states.shape[1]).toBe(512)
})

test('the same prompt gives the same bytes, another prompt others', async () => {
  const [first, second, other] = [await encode('a fox'), await encode('a fox'), await encode('a wolf')]
  expect(second).toEqual(first)
  expect(largestDifference(other.states.data as Float32Array, first.states.data as Float32Array)).toBeGreaterThan(0)
  expect(largestDifference(other.pooled.data as Float32Array, first.pooled.data as Float32Array)).toBeGreaterThan(0)
})

test('a placeholder is a word of its own once DreamO is loaded', async () => {
  const states = async (prompt: string) => (await encode(prompt)).states.data as Float32Array
  expect(largestDifference(await states('[ref#1]'), await states('[ref#2]'))).toBeGreaterThan(0)
  const [plain, dreamo] = [small.base, small.dreamo].map(({ t5 }) => t5.tokenizer.encode('[ref#1]', 24))
  const length = (ids: readonly number[]): number => ids.filter((id) => id !== 0).length
  expect(length(dreamo)).toBeLessThan(length(plain))
})

test('an abort ends it', async () => {
  const attempt = encodeText(small.dreamo, 'a fox', { signal: AbortSignal.abort() })
  await expect(attempt).rejects.toMatchObject({ code: 'runtime/cancelled' })
})
