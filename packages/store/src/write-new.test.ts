import { spawnSync } from 'node:child_process'
import { mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { tempNameFor } from './temp-name.js'
import { writeFileNew } from './write-atomic.js'

let dir = ''
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'store-new-'))
})
afterAll(() => rm(dir, { recursive: true, force: true }))

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

test('a free name is taken, a taken one is left alone, and nothing else stays', async () => {
  const file = join(dir, 'a', 'x.png')
  expect(await writeFileNew(file, bytes('first'))).toBe(true)
  expect(await writeFileNew(file, bytes('second'))).toBe(false)
  expect(await readFile(file, 'utf8')).toBe('first')
  expect((await stat(file)).nlink).toBe(1)
  expect(await readdir(join(dir, 'a'))).toEqual(['x.png'])
})

test('of many writers at once exactly one gets the name', async () => {
  const file = join(dir, 'b', 'x.png')
  const taken = await Promise.all(Array.from({ length: 16 }, (_, i) => writeFileNew(file, bytes(`${i}`))))
  expect(taken.filter(Boolean)).toHaveLength(1)
  expect(await readFile(file, 'utf8')).toBe(`${taken.indexOf(true)}`)
  expect(await readdir(join(dir, 'b'))).toEqual(['x.png'])
})

test('a name that the file system does not take is a fault, and leaves nothing', async () => {
  const file = join(dir, 'c', 'x'.repeat(300))
  await expect(writeFileNew(file, bytes(''))).rejects.toMatchObject({ code: 'store/write-failed', userFault: true })
  expect(await readdir(join(dir, 'c'))).toEqual([])
})

test('what a dead writer left is removed before the first write', async () => {
  const folder = await mkdtemp(join(dir, 'd-'))
  const { pid } = spawnSync(process.execPath, ['--version'])
  const own = tempNameFor(join(folder, 'x.png'))
  await writeFile(own, 'torn')
  await rename(own, join(folder, basename(own).replace(`.${process.pid}.`, `.${pid}.`)))
  await writeFileNew(join(folder, 'y.png'), bytes('whole'))
  expect(await readdir(folder)).toEqual(['y.png'])
})
