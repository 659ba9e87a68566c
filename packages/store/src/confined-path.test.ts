import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { confinedPath } from './confined-path.js'

let base = ''
let root = ''
beforeAll(async () => {
  base = await realpath(await mkdtemp(join(tmpdir(), 'store-path-')))
  root = join(base, 'root')
  await mkdir(join(root, 'sub'), { recursive: true })
  await mkdir(join(base, 'root-sibling'))
  await writeFile(join(base, 'secret'), '')
  await writeFile(join(root, 'sub', 'file'), '')
  await symlink(join(base, 'secret'), join(root, 'out'))
  await symlink(base, join(root, 'folder-out'))
  await symlink(join(base, 'not-there'), join(root, 'dangling'))
  await symlink(join(root, 'sub'), join(root, 'alias'))
  await symlink(join(root, 'loop'), join(root, 'loop'))
})
afterAll(() => rm(base, { recursive: true, force: true }))

test.each(['sub/file', 'sub', '.', 'new', 'sub/new/deep', 'sub/../sub/file', '..name', 'sub/..hidden'])(
  'allows %s',
  async (path) => {
    const real = await confinedPath(root, path)
    expect(`${real}/`.startsWith(`${root}/`)).toBe(true)
  },
)

test('follows a symlink that stays inside', async () => {
  expect(await confinedPath(root, 'alias/file')).toBe(join(root, 'sub', 'file'))
})

test.each([
  '',
  '..',
  '../secret',
  '../root-sibling/x',
  'sub/../../secret',
  '/etc/passwd',
  'out',
  'folder-out/secret',
  'folder-out/new-file',
  'dangling',
  'dangling/x',
  'loop',
  'a\0b',
  'C:\\windows',
  'C:/windows',
  'c:file',
  '..\\secret',
  'sub\\file',
  '\\\\server\\share',
])('refuses %j', async (path) => {
  await expect(confinedPath(root, path)).rejects.toMatchObject({ code: 'store/path-outside', userFault: true })
})

test('says so when the root is absent', async () => {
  await expect(confinedPath(join(base, 'absent'), 'x')).rejects.toMatchObject({ code: 'store/file-unreadable' })
})
