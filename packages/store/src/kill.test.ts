import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openDiskCache } from './disk-cache.js'
import { writeFileAtomic } from './write-atomic.js'

const writer = fileURLToPath(new URL('./testing/cache-writer.mjs', import.meta.url))
let dir = ''
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'store-kill-'))
})
afterAll(() => rm(dir, { recursive: true, force: true }))

test('two writers of the same files, killed at any moment, leave old or new files, and no litter after the next look', async () => {
  const cacheDir = join(dir, 'cache')
  const file = join(dir, 'files', 'numbers.json')
  let random = 12345
  let found = 0
  for (let round = 0; round < 15; round++) {
    const children = [fork(writer, [cacheDir, file]), fork(writer, [cacheDir, file])]
    await Promise.all(children.map((child) => once(child, 'message')))
    random = (random * 1103515245 + 12345) % 2 ** 31
    await new Promise((done) => setTimeout(done, random % 60))
    for (const child of children) child.kill('SIGKILL')
    await Promise.all(children.map((child) => once(child, 'exit')))

    const numbers = await readFile(file, 'utf8').catch(() => undefined)
    if (numbers !== undefined) {
      const values = JSON.parse(numbers) as number[]
      expect(values).toHaveLength(20_000)
      expect(new Set(values).size).toBe(1)
      found++
    }
  }
  const cache = openDiskCache({ dir: cacheDir, maxBytes: 1 << 24, maxEntries: 64 })
  for (let digit = 0; digit < 16; digit++) {
    const entry = await cache.get(digit.toString(16).repeat(32))
    if (!entry) continue
    const { value } = entry.meta as { value: number }
    expect(entry.blobs.map((blob) => blob.byteLength)).toEqual([100_000, 7])
    expect(entry.blobs.every((blob) => blob.every((byte) => byte === value))).toBe(true)
  }
  const { damaged, hits } = await cache.stats()
  expect(damaged).toBe(0)
  expect(hits).toBeGreaterThan(0)
  expect(found).toBeGreaterThan(0)
  await writeFileAtomic(join(dir, 'files', 'other'), 'x')
  const names = await readdir(dir, { recursive: true })
  expect(names.filter((name) => name.endsWith('.tmp'))).toEqual([])
})
