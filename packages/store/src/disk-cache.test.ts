import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openDiskCache } from './disk-cache.js'

let dir = ''
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'store-cache-'))
})
afterEach(() => rm(dir, { recursive: true, force: true }))

const keyOf = (n: number) => n.toString(16).padStart(64, '0')
const fileOf = (n: number) => join(dir, keyOf(n).slice(0, 2), `${keyOf(n)}.entry`)
const open = (limits = {}) => openDiskCache({ dir, maxBytes: 1 << 20, maxEntries: 100, ...limits })

test('returns what was stored, aligned, in another instance too', async () => {
  const blobs = [new Uint8Array([1, 2, 3]), new Uint8Array(0), new Uint8Array(new Float32Array([1.5, -2]).buffer)]
  await open().set(keyOf(1), { meta: { name: 'latent', shape: [2], nothing: null }, blobs })
  const entry = await open().get(keyOf(1))
  expect(entry?.meta).toEqual({ name: 'latent', shape: [2], nothing: null })
  expect(entry?.blobs.map((blob) => [...blob])).toEqual(blobs.map((blob) => [...blob]))
  const numbers = entry!.blobs[2]!
  expect(numbers.byteOffset % 64).toBe(0)
  expect([...new Float32Array(numbers.buffer, numbers.byteOffset, 2)]).toEqual([1.5, -2])
})

test('an absent entry is a miss; a replaced one is the new one', async () => {
  const cache = open()
  expect(await cache.get(keyOf(1))).toBeUndefined()
  await cache.set(keyOf(1), { meta: 1, blobs: [] })
  await cache.set(keyOf(1), { meta: 2, blobs: [] })
  expect((await cache.get(keyOf(1)))?.meta).toBe(2)
  expect(await cache.stats()).toMatchObject({ entries: 1, hits: 1, misses: 1 })
})

test('every damaged byte, every cut and every foreign file is a miss, and the file goes', async () => {
  const cache = open()
  const entry = { meta: { value: 7 }, blobs: [new Uint8Array([1, 2, 3, 4])] }
  await cache.set(keyOf(2), entry)
  const good = await readFile(fileOf(2))
  const damaged: Uint8Array[] = []
  for (let at = 0; at < good.length; at += 5) {
    const bytes = new Uint8Array(good)
    bytes[at]! ^= 0x40
    damaged.push(bytes, good.subarray(0, at))
  }
  for (const bytes of damaged) {
    await writeFile(fileOf(2), bytes)
    expect(await cache.get(keyOf(2))).toBeUndefined()
    await expect(readFile(fileOf(2))).rejects.toMatchObject({ code: 'ENOENT' })
  }
  await mkdir(join(dir, keyOf(3).slice(0, 2)), { recursive: true })
  await writeFile(fileOf(3), good) // the entry of another key
  expect(await cache.get(keyOf(3))).toBeUndefined()
})

test('evicts the least recently used beyond the limits', async () => {
  const cache = open({ maxEntries: 10 })
  for (let n = 0; n < 10; n++) {
    await cache.set(keyOf(n), { meta: n, blobs: [] })
    await utimes(fileOf(n), new Date(1000 * (n + 1)), new Date(1000 * (n + 1)))
  }
  expect((await cache.get(keyOf(0)))?.meta).toBe(0) // now the most recently used
  await cache.set(keyOf(99), { meta: 99, blobs: [] })
  await cache.evict()
  expect(await cache.get(keyOf(0))).toBeDefined()
  expect(await cache.get(keyOf(99))).toBeDefined()
  expect(await cache.get(keyOf(1))).toBeUndefined()
  expect((await cache.stats()).entries).toBeLessThanOrEqual(10)
})

test('keeps within the byte limit and refuses an entry larger than all of it', async () => {
  const cache = open({ maxBytes: 100_000 })
  for (let n = 0; n < 30; n++) await cache.set(keyOf(n), { meta: n, blobs: [new Uint8Array(10_000)] })
  expect((await cache.stats()).sizeBytes).toBeLessThanOrEqual(100_000 * (1 + 1 / 16) + 10_200)
  await cache.set(keyOf(77), { meta: 77, blobs: [new Uint8Array(100_001)] })
  expect(await cache.get(keyOf(77))).toBeUndefined()
})

test('clear removes the entries and nothing else', async () => {
  const cache = open()
  await cache.set(keyOf(1), { meta: 1, blobs: [] })
  await writeFile(join(dir, 'README'), 'mine')
  await cache.clear()
  expect(await cache.get(keyOf(1))).toBeUndefined()
  expect(await readdir(dir)).toContain('README')
})

test('a key that is not hexadecimal never becomes a path', async () => {
  for (const key of ['../../etc/passwd', 'short', `${'a'.repeat(31)}/`, 'A'.repeat(32), `${'a'.repeat(32)}\n`, ''])
    await expect(open().get(key)).rejects.toMatchObject({ code: 'store/key-invalid' })
})

test('an entry that cannot be written is a warning, not an error', async () => {
  const warnings: string[] = []
  await writeFile(join(dir, keyOf(1).slice(0, 2)), 'a file where a folder should be')
  await open({ onWarning: (message: string) => warnings.push(message) }).set(keyOf(1), { meta: 1, blobs: [] })
  expect(warnings).toHaveLength(1)
})
