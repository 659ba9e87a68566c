// The example of packages/dreamo/README.md, as it stands there, on a small model and at small sizes.
import { readFileSync } from 'node:fs'
import * as dreamo from '@dreamgraph/dreamo'
import { openRuntime } from '@dreamgraph/runtime'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openSmallModel, type SmallModel } from './small-model.js'

let small: SmallModel
beforeAll(async () => {
  small = await openSmallModel()
})
afterAll(() => small.close())

test('the example makes a picture from a folder', async () => {
  const readme = readFileSync(new URL('../../packages/dreamo/README.md', import.meta.url), 'utf8')
  const [, code] = /```ts\n([\s\S]*?)```/.exec(readme)!
  // 32 × 32 pixels instead of 1024, a folder that exists instead of /models.
  const body = code
    .replaceAll(/^import .*\n/gm, '')
    .replaceAll('/models/FLUX.1-dev', small.folder)
    .replaceAll('/models', small.folder)
    .replaceAll('512', '32')
    .replaceAll('128', '4')
    .replaceAll('64,', '2,')
    .replaceAll('64 }', '2 }')
  const AsyncFunction = (async () => {}).constructor as FunctionConstructor
  const run = new AsyncFunction('dreamo', 'openRuntime', `${body}\nreturn picture`)
  const picture = await run(dreamo, () => openRuntime({ device: 'cpu' }))
  expect(picture).toMatchObject({ width: 32, height: 32, channels: 3 })
  expect(new Set(picture.data).size).toBeGreaterThan(1)
})
