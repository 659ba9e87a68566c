import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openCheckpoint } from './checkpoint.js'
import { goldenPath } from './testing/golden.js'

const index = 'model.safetensors.index.json'
const shard = 'model-00001-of-00002.safetensors'
const name = 'shared.weight'
let dir = ''
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'weights-sharded-'))
  await cp(goldenPath('pipeline_tiny/weights/text_encoder_2'), dir, { recursive: true })
})
afterEach(() => rm(dir, { recursive: true, force: true }))

async function editIndex(edit: (weightMap: Record<string, unknown>) => void): Promise<void> {
  const parsed = JSON.parse(await readFile(join(dir, index), 'utf8'))
  edit(parsed.weight_map)
  await writeFile(join(dir, index), JSON.stringify(parsed))
}

test('a folder, its index and a folder of symlinks are the same checkpoint', async () => {
  const links = join(dir, 'links')
  await mkdir(links)
  for (const file of [index, shard, shard.replace('00001', '00002')]) await symlink(join(dir, file), join(links, file))
  const direct = await openCheckpoint(dir)
  expect([...(await openCheckpoint(join(dir, index))).tensors]).toEqual([...direct.tensors])
  expect([...(await openCheckpoint(links)).tensors.keys()]).toEqual([...direct.tensors.keys()])
  expect(direct.files).toHaveLength(2)
})

test('a missing shard', async () => {
  await rm(join(dir, shard))
  await expect(openCheckpoint(dir)).rejects.toMatchObject({ code: 'weights/shard-missing' })
})

test('a tensor that is not in its shard', async () => {
  await editIndex((weightMap) => {
    weightMap[name] = shard
  })
  await expect(openCheckpoint(dir)).rejects.toMatchObject({ code: 'weights/shard-tensor-absent' })
})

test.each(['../secret.safetensors', '/etc/passwd', 'a/../../b', '..', '.', 'a\0b', '..\\b', './x'])(
  'a shard outside of the folder: %j',
  async (path) => {
    await editIndex((weightMap) => {
      weightMap[name] = path
    })
    await expect(openCheckpoint(dir)).rejects.toMatchObject({ code: 'weights/shard-outside', userFault: true })
  },
)

test.each(['', '{', 'null', '[]', '{}', '{"weight_map":[]}', '{"weight_map":{"a":1}}', '{"weight_map":{"a":""}}'])(
  'an index that is none: %j',
  async (text) => {
    await writeFile(join(dir, index), text)
    await expect(openCheckpoint(dir)).rejects.toMatchObject({ code: 'weights/index-invalid' })
  },
)

test('folders without a checkpoint, or with several', async () => {
  const empty = join(dir, 'empty')
  await mkdir(empty)
  await expect(openCheckpoint(empty)).rejects.toMatchObject({ code: 'weights/folder-empty' })
  await expect(openCheckpoint(join(dir, 'absent'))).rejects.toMatchObject({ code: 'weights/file-unreadable' })
  await cp(join(dir, shard), join(empty, 'one.safetensors'))
  expect((await openCheckpoint(empty)).files).toEqual([join(empty, 'one.safetensors')])
  await cp(join(dir, shard), join(empty, 'two.safetensors'))
  await expect(openCheckpoint(empty)).rejects.toMatchObject({ code: 'weights/folder-ambiguous' })
})
