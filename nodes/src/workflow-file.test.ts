import { mkdtemp, readdir, readFile, rm, stat, truncate, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Workflow } from '@dreamgraph/graph'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readWorkflowFile, upgradeWorkflowFile, writeWorkflowFile } from './workflow-file.js'

const odd =
  '\ufeff{ "dreamgraph":2,\r\n\t"nodes": {"a":  {"type":"value/int","params":{"value": 1e0}, "x-mine": [ ]}} }\r\n'

let dir = ''
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'workflow-file-'))
})
afterAll(() => rm(dir, { recursive: true, force: true }))

async function fileWith(name: string, content: string | Uint8Array): Promise<string> {
  const path = join(dir, name)
  await writeFile(path, content)
  return path
}

test('an unchanged document is not written at all, also one with a mark, tabs and odd spacing', async () => {
  const path = await fileWith('odd.json', odd)
  const long = new Date('2020-01-01')
  await utimes(path, long, long)
  const loaded = await readWorkflowFile(path)
  expect(await writeWorkflowFile(path, loaded, loaded.document)).toBe(false)
  expect((await stat(path)).mtime).toEqual(long)
  expect(await readFile(path, 'utf8')).toBe(odd)
})

test('a change leaves every other byte, and no other file', async () => {
  const folder = await mkdtemp(join(dir, 'alone-'))
  const path = join(folder, 'flow.json')
  await writeFile(path, odd)
  const loaded = await readWorkflowFile(path)
  const changed = structuredClone(loaded.document) as Workflow
  changed.nodes.a!.params = { value: 7 }
  expect(await writeWorkflowFile(path, loaded, changed)).toBe(true)
  expect(await readFile(path, 'utf8')).toBe(odd.replace('1e0', '7'))
  expect(await readdir(folder)).toEqual(['flow.json'])
})

test('saving under another name writes the text as it is', async () => {
  const loaded = await readWorkflowFile(await fileWith('first.json', odd))
  const copy = join(dir, 'new', 'copy.json')
  expect(await writeWorkflowFile(copy, loaded, loaded.document)).toBe(true)
  expect(await readFile(copy, 'utf8')).toBe(odd)
})

test('an upgrade rewrites an old schema in place, once', async () => {
  const path = await fileWith('old.json', '{"dreamgraph": 1, "nodes": {}, "links": [], "x-mine": 1e0}')
  expect(await upgradeWorkflowFile(path)).toBe(true)
  expect(await readFile(path, 'utf8')).toBe('{"dreamgraph": 2, "nodes": {}, "links": [], "x-mine": 1e0}')
  expect(await upgradeWorkflowFile(path)).toBe(false)
})

test.each([
  ['an absent file', async () => join(dir, 'absent.json'), 'store/file-unreadable'],
  ['a folder', async () => dir, 'store/file-unreadable'],
  [
    'bytes that are not UTF-8',
    () => fileWith('latin1.json', Buffer.from('{"name": "\xe9"}', 'latin1')),
    'document/not-json',
  ],
  [
    'a file of 1 GiB, without reading it',
    async () => {
      const path = await fileWith('huge.json', '')
      await truncate(path, 2 ** 30)
      return path
    },
    'document/too-large',
  ],
] as const)('%s is refused', async (_, make, code) => {
  await expect(readWorkflowFile(await make())).rejects.toMatchObject({ code, userFault: true })
})
