import sharp from 'sharp'
import { expect, test } from 'vitest'
import { promptsOf } from './prompts.js'
import { sampleSheet } from './sample-sheet.js'

test('of many prompts, as many of each task are shown', async () => {
  const prompts = promptsOf({ tasks: ['subject', 'text', 'try-on'], count: 24, difficulty: 0 })
  const pictures = prompts.map(({ id, task, sample }) => ({ id, task, seed: 1n, picture: sample.target, answers: [] }))
  const { height } = await sharp(sampleSheet(prompts, pictures)).metadata()
  expect(height).toBe(30 * 232) // 20 of each, two in a row
  const ofText = pictures.filter(({ task }) => task === 'text')
  expect((await sharp(sampleSheet(prompts, ofText)).metadata()).height).toBe(10 * 232)
})

test('a cell for each prompt that has a picture, two in a row', async () => {
  const prompts = promptsOf({ tasks: ['subject', 'text'], count: 2, difficulty: 0 })
  const pictures = prompts.slice(0, 3).map(({ id, task, sample }) => {
    return { id, task, seed: 1n, picture: sample.target, answers: [] }
  })
  const { format, width, height } = await sharp(sampleSheet(prompts, pictures)).metadata()
  expect({ format, width, height }).toEqual({ format: 'webp', width: 2 * 560, height: 2 * 232 })
})
