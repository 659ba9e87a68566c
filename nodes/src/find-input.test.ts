import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { findInput } from './find-input.js'

let base: string
let first: string
let second: string

beforeAll(async () => {
  base = await realpath(await mkdtemp(join(tmpdir(), 'inputs-')))
  first = join(base, 'first')
  second = join(base, 'second')
  for (const folder of [first, second]) await mkdir(folder)
  await writeFile(join(first, 'both.png'), '')
  await writeFile(join(second, 'both.png'), '')
  await writeFile(join(second, 'only.png'), '')
  await writeFile(join(base, 'outside.png'), '')
  await symlink(join(base, 'outside.png'), join(first, 'link.png'))
})
afterAll(() => rm(base, { recursive: true }))

test('the first folder that has the file wins; a file that none has is looked for in the first', async () => {
  expect(await findInput('both.png', [first, second], false)).toBe(join(first, 'both.png'))
  expect(await findInput('only.png', [first, second], false)).toBe(join(second, 'only.png'))
  expect(await findInput('none.png', [first, second], false)).toBe(join(first, 'none.png'))
})

test('an absolute path is itself, and one above the folder is followed', async () => {
  expect(await findInput(join(second, 'only.png'), [first], false)).toBe(join(second, 'only.png'))
  expect(await findInput('../outside.png', [first], false)).toBe(join(base, 'outside.png'))
  expect(await findInput('link.png', [first], false)).toBe(join(first, 'link.png'))
})

test('without folders, paths start at the working folder, and confined there is nothing to read', async () => {
  expect(await findInput('both.png', [], false)).toBe(resolve('both.png'))
  expect(await findInput(join(first, 'both.png'), [], false)).toBe(join(first, 'both.png'))
  await expect(findInput('both.png', [], true)).rejects.toMatchObject({ code: 'store/path-outside' })
})

test('confined, folders are searched in order as well', async () => {
  expect(await findInput('both.png', [first, second], true)).toBe(join(first, 'both.png'))
  expect(await findInput('only.png', [first, second], true)).toBe(join(second, 'only.png'))
})

test.each(['../outside.png', 'link.png', '/etc/passwd', 'a\\b.png', ''])('confined, "%s" is refused', async (path) => {
  await expect(findInput(path, [first, second], true)).rejects.toMatchObject({ code: 'store/path-outside' })
})
