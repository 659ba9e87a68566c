// A seed decides every byte: in one process, in a fresh model, in another process.
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { modelFiles, openModel, withLoras } from '@dreamgraph/dreamo'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { paint } from './paint.mjs'
import { openSmallModel, type SmallModel } from './small-model.js'

const script = fileURLToPath(new URL('./paint.mjs', import.meta.url))

let small: SmallModel
let first: string[]
beforeAll(async () => {
  small = await openSmallModel()
  first = await paint(small.dreamo, 42n)
})
afterAll(() => small.close())

test('the same seed gives the same bytes twice, another seed others', async () => {
  expect(await paint(small.dreamo, 42n)).toEqual(first)
  const others = await paint(small.dreamo, 43n)
  for (const [i, digest] of others.entries()) expect(digest).not.toBe(first[i])
})

test('a model that is opened anew gives them too', async () => {
  const base = await openModel(await modelFiles(small.folder), small.runtime)
  const model = await withLoras(base, [{ path: join(small.folder, 'DreamO/dreamo.safetensors'), weight: 1 }])
  expect(await paint(model, 42n)).toEqual(first)
})

test('another process gives them too', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [script, small.folder, '42'])
  expect(JSON.parse(stdout)).toEqual(first)
})
