import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { copyModel } from './copy-model.js'
import { writeFrame } from './model-folder.js'

let folder: string
const at = (...path: string[]): string => join(folder, ...path)
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'copy-model-'))
  await writeFrame(at('model'))
  for (const part of ['vae', 'DreamO']) {
    await mkdir(at('model', part))
    await writeFile(at('model', part, 'weights'), 'new')
  }
  await mkdir(at('into/vae'), { recursive: true })
  await writeFile(at('into/vae/weights'), 'old')
  await writeFile(at('into/vae/left-over'), 'old')
  await writeFile(at('into/README.md'), 'card')
})
afterAll(() => rm(folder, { recursive: true }))

test('a part that is missing leaves the old model whole', async () => {
  await expect(copyModel(at('nothing'), at('into'))).rejects.toMatchObject({ code: 'ENOENT' })
  expect(await readFile(at('into/vae/weights'), 'utf8')).toBe('old')
  expect((await readdir(at('into'))).sort()).toEqual(['README.md', 'vae'])
})

test('parts are replaced as a whole; a card beside them stays', async () => {
  await copyModel(at('model'), at('into'))
  expect((await readdir(at('into'))).sort()).toEqual([...(await readdir(at('model'))), 'README.md'].sort())
  expect(await readFile(at('into/README.md'), 'utf8')).toBe('card')
  expect(await readdir(at('into/vae'))).toEqual(['weights'])
  expect(await readFile(at('into/vae/weights'), 'utf8')).toBe('new')
})

test('a model is not copied onto itself', async () => {
  await expect(copyModel(at('model'), at('model/'))).rejects.toThrow('expected another folder')
  expect(await readFile(at('model/vae/weights'), 'utf8')).toBe('new')
})
