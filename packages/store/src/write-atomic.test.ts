import { chmod, mkdtemp, readdir, readFile, readlink, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { removeStaleTemps, tempNameFor } from './temp-name.js'
import { writeAtomic, writeFileAtomic } from './write-atomic.js'

let dir = ''
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'store-write-'))
})
afterEach(() => rm(dir, { recursive: true, force: true }))

test('makes folders, replaces, keeps mode and symlink', async () => {
  const file = join(dir, 'a', 'b', 'file.json')
  await writeFileAtomic(file, 'old')
  await chmod(file, 0o662)
  await symlink(file, join(dir, 'link'))
  await writeFileAtomic(join(dir, 'link'), new Uint8Array([110, 101, 119]))
  expect(await readFile(file, 'utf8')).toBe('new')
  expect((await stat(file)).mode & 0o777).toBe(0o662)
  expect(await readlink(join(dir, 'link'))).toBe(file)
})

test('a producer that throws leaves the old file and no litter', async () => {
  const file = join(dir, 'file')
  await writeFileAtomic(file, 'old')
  const work = writeAtomic(file, async (sink) => {
    await sink.write(new Uint8Array(10))
    throw new Error('changed my mind')
  })
  await expect(work).rejects.toThrow('changed my mind')
  expect(await readFile(file, 'utf8')).toBe('old')
  expect(await readdir(dir)).toEqual(['file'])
})

test('writers of the same file at once: one of them wins whole', async () => {
  const file = join(dir, 'file')
  const texts = Array.from({ length: 20 }, (_, i) => `${i}`.repeat(50_000))
  await Promise.all(texts.map((text) => writeFileAtomic(file, text)))
  expect(texts).toContain(await readFile(file, 'utf8'))
  expect(await readdir(dir)).toEqual(['file'])
})

test('says why it could not write', async () => {
  await writeFile(join(dir, 'file'), '')
  await expect(writeFileAtomic(join(dir, 'file', 'below'), 'x')).rejects.toMatchObject({
    code: 'store/write-failed',
    userFault: true,
  })
})

test('only temporary files of dead writers are removed', async () => {
  const live = tempNameFor(join(dir, 'file'))
  const dead = live.replace(`.${process.pid}.`, '.999999999.')
  const elsewhere = live.replace(/\.[0-9a-f]{8}\.\d+\./, '.00000000.999999999.')
  for (const file of [live, dead, elsewhere, join(dir, 'mine.tmp')]) await writeFile(file, '')
  await removeStaleTemps(dir)
  expect((await readdir(dir)).map((name) => join(dir, name)).sort()).toEqual(
    [live, elsewhere, join(dir, 'mine.tmp')].sort(),
  )
})
