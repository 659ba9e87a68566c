// Two servers on one folder: the second is refused, unless the first one is dead.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { lockFolder } from './folder-lock.js'

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dreamgraph-lock-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

/** Pid of a process that lived. */
async function deadPid(): Promise<number> {
  const child = fork('--version', [], { stdio: 'ignore' })
  await once(child, 'exit')
  return child.pid!
}

test('a folder that this process holds is refused, and free again afterwards', async () => {
  const unlock = await lockFolder(folder)
  await expect(lockFolder(join(folder, '.'))).rejects.toMatchObject({ code: 'server/folder-in-use' })
  await unlock()
  await (await lockFolder(folder))()
  expect(await readdir(folder)).toEqual([])
})

test('a folder of another living process is refused, and nothing of it is touched', async () => {
  const path = join(folder, 'server.pid')
  await writeFile(path, `${process.ppid}`)
  await expect(lockFolder(folder)).rejects.toMatchObject({ code: 'server/folder-in-use' })
  expect(await readFile(path, 'utf8')).toBe(`${process.ppid}`)
  expect(await readdir(folder)).toEqual(['server.pid'])
})

test.each(['dead', 'own', 'empty'])('a lock that is %s is taken over', async (kind) => {
  const content = kind === 'dead' ? `${await deadPid()}` : kind === 'own' ? `${process.pid}` : ''
  await writeFile(join(folder, 'server.pid'), content)
  const unlock = await lockFolder(folder)
  expect(await readFile(join(folder, 'server.pid'), 'utf8')).toBe(`${process.pid}`)
  await unlock()
})
