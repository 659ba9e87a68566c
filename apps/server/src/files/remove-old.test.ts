import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { removeOld } from './remove-old.js'

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dreamgraph-old-'))
})
afterEach(() => rm(folder, { recursive: true }))

/** A file in folders, as if it had been written so many days ago. */
async function write(path: string, days: number): Promise<void> {
  const whole = join(folder, path)
  await mkdir(join(whole, '..'), { recursive: true })
  await writeFile(whole, 'a')
  const at = new Date(Date.now() - days * 24 * 3600_000)
  await utimes(whole, at, at)
}

test('what was not touched for long goes, with all that is in it', async () => {
  await write('old.png', 31)
  await write('new.png', 29)
  await removeOld(folder, 30)
  expect(await readdir(folder)).toEqual(['new.png'])
})

test('folders of a store stay, and what is new in them', async () => {
  await write('ab/old', 31)
  await write('ab/new', 1)
  await write('cd/old', 31)
  await removeOld(folder, 30, 2)
  expect((await readdir(folder, { recursive: true })).sort()).toEqual(['ab', 'ab/new', 'cd'])
})

test('a folder that is not there is no fault', async () => {
  await removeOld(join(folder, 'nothing'), 30)
})
