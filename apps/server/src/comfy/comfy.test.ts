import sharp from 'sharp'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { exampleClient } from './testing/example-client.js'
import { openPlace, type Place } from './testing/place.js'
import { dreamoPrompt, plainPrompt, upload } from './testing/prompts.js'

let place: Place
beforeAll(async () => {
  place = await openPlace()
}, 120_000)
afterAll(() => place?.close(), 60_000)

test('a client like ComfyUI’s own example gets its picture', { timeout: 180_000 }, async () => {
  const client = await exampleClient(place.url, { flags: { supports_preview_metadata: true } })
  const { prompt_id, number, node_errors } = await client.queue(plainPrompt())
  expect([typeof number, node_errors]).toEqual(['number', {}])
  await client.wait(prompt_id)
  const { 9: [png] = [] } = await client.images(prompt_id)
  const { format, width, height } = await sharp(png).metadata()
  expect([format, width, height]).toEqual(['png', 128, 128])
  client.close()
})
