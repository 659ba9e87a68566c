import { mkdtemp, readdir, rm, utimes } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TensorSource } from '@dreamgraph/weights'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { cachedWeights } from './weight-cache.js'

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dreamgraph-kept-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

/** 4,000 bytes of numbers. */
const source = (): TensorSource => ({
  name: 'weight',
  dtype: 'F32',
  shape: [1000],
  data: new Uint8Array(4000),
})

/** Opens a file of that name with room for two of them, as if `daysAgo`. */
async function open(name: string, daysAgo: number): Promise<{ wasMade: boolean }> {
  let wasMade = false
  const path = join(folder, name)
  const sources = () => {
    wasMade = true
    return [source()]
  }
  await cachedWeights({ path, sources, mostBytes: 9000 })
  const then = new Date(Date.now() - daysAgo * 24 * 3600_000)
  await utimes(`${path}.json`, then, then)
  return { wasMade }
}

const kept = async (): Promise<string[]> =>
  (await readdir(folder)).filter((name) => name.endsWith('.safetensors')).map((name) => name.slice(0, 1))

test('what was opened longest ago goes when a further model would be too much', async () => {
  await open('a', 3)
  await open('b', 2)
  expect(await open('a', 1)).toEqual({ wasMade: false }) // and is in use from then on
  await open('c', 0)
  expect(await kept()).toEqual(['a', 'c'])
  expect(await open('b', 0)).toEqual({ wasMade: true })
})

test('the newest stays, however large it is', async () => {
  await open('a', 1)
  await cachedWeights({ path: join(folder, 'b'), sources: () => [source()], mostBytes: 10 })
  expect(await kept()).toEqual(['b'])
})
