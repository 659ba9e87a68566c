// The recipe's command refuses to go on in a folder of another run: its data and checkpoints would be taken for its own.
import { spawnSync } from 'node:child_process'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'

const program = fileURLToPath(new URL('../../scripts/train-mini.mjs', import.meta.url))
let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'train-mini-'))
  await writeFile(join(folder, 'run.json'), JSON.stringify({ share: '0.1', from: 'none' }))
})
afterAll(() => rm(folder, { recursive: true }))

test.each([
  ['another share', [], /expected the share that this run was begun with \(0\.1\), got 1; another folder/],
  ['another model to go on from', ['--share', '0.1', '--from', 'mini'], /expected the from .*\(none\), got .*mini/],
])('%s is refused before anything is trained', async (_, args, message) => {
  const { status, stderr } = spawnSync(process.execPath, [program, '--folder', folder, ...args], { encoding: 'utf8' })
  expect(stderr).toMatch(message)
  expect(status).toBe(2)
  expect(await readdir(folder)).toEqual(['run.json'])
})
