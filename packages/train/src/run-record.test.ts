import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { checkRunFolder, claimRunFolder } from './run-record.js'

const root = await mkdtemp(join(tmpdir(), 'run-record-'))
afterAll(() => rm(root, { recursive: true }))

it('a folder belongs to the run that took it, and says what is different in another', async () => {
  const folder = join(root, 'first')
  const record = { model: 'a'.repeat(64), data: 'b'.repeat(64) }
  expect(await checkRunFolder(folder, record)).toBe(false)
  await claimRunFolder(folder, record)
  await claimRunFolder(folder, record)
  expect(await checkRunFolder(folder, record)).toBe(true)
  await expect(claimRunFolder(folder, { ...record, model: 'c'.repeat(64) })).rejects.toMatchObject({
    code: 'train/checkpoint-invalid',
    message: expect.stringMatching(/run\.json: expected the model .*\(a{12}…\), got c{12}…; another folder/),
  })
  await expect(checkRunFolder(folder, { ...record, textTokens: '64' })).rejects.toThrow(/textTokens .*\(none\), got 64/)
  expect(await checkRunFolder(folder, { ...record, start: 'none' })).toBe(true)
  await writeFile(join(folder, 'run.json'), '{')
  await expect(checkRunFolder(folder, record)).rejects.toThrow(/expected JSON/)
})
