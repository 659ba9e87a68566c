import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { modelFiles } from './model-files.js'

const parts = ['transformer', 'vae', 'text_encoder', 'text_encoder_2', 'tokenizer', 'tokenizer_2']
let scratch: string
let folder: string

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'model-files-'))
  folder = join(scratch, 'flux')
  for (const part of [...parts, 'scheduler']) await mkdir(join(folder, part), { recursive: true })
})
afterAll(() => rm(scratch, { recursive: true }))

test('a folder names all parts', async () => {
  expect(await modelFiles(folder)).toEqual({
    transformer: join(folder, 'transformer'),
    vae: join(folder, 'vae'),
    textEncoder: join(folder, 'text_encoder'),
    textEncoder2: join(folder, 'text_encoder_2'),
    tokenizer: join(folder, 'tokenizer'),
    tokenizer2: join(folder, 'tokenizer_2'),
    scheduler: join(folder, 'scheduler'),
  })
})

test('single files take the place of parts, an empty path does not', async () => {
  const transformer = join(scratch, 'flux1-dev.safetensors')
  await writeFile(transformer, '')
  const files = await modelFiles(folder, { transformer, vae: '' })
  expect(files).toMatchObject({ transformer, vae: join(folder, 'vae') })
})

test('without a folder every part needs its path, the scheduler excepted', async () => {
  const { scheduler, ...paths } = await modelFiles(folder)
  expect(await modelFiles(undefined, paths)).toEqual(paths)
  expect(await modelFiles(undefined, { ...paths, scheduler })).toEqual({ ...paths, scheduler })
})

test('everything that is missing is named at once', async () => {
  const bare = join(scratch, 'bare')
  await mkdir(join(bare, 'vae'), { recursive: true })
  const absent = join(scratch, 'nowhere')
  const attempt = modelFiles(bare, { tokenizer: absent, scheduler: absent })
  await expect(attempt).rejects.toMatchObject({ name: 'DreamoError', code: 'dreamo/files-missing', userFault: true })
  await expect(attempt).rejects.toThrow(
    `${bare}: expected every part of a FLUX model, got nothing at ${[
      join(bare, 'transformer'),
      join(bare, 'text_encoder'),
      join(bare, 'text_encoder_2'),
      absent,
      join(bare, 'tokenizer_2'),
      absent,
    ].join(', ')}`,
  )
  await expect(modelFiles(undefined, {})).rejects.toThrow(
    'model: expected every part of a FLUX model, got nothing at a path for transformer',
  )
})
