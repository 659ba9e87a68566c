// Two processes on one folder: the second is refused, unless the first one is dead.
import { fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { lockFolder } from './folder-lock.js'
import { type ProcessMark, thisProcess } from './process-mark.js'

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dreamgraph-lock-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const path = () => join(folder, 'work.pid')
const mine = () => JSON.stringify(thisProcess())

/** What a process that lived would have written. */
async function deadMark(): Promise<ProcessMark> {
  const child = fork('--version', [], { stdio: 'ignore' })
  await once(child, 'exit')
  return { ...thisProcess(), pid: child.pid!, began: '' }
}

/** What another living process would write. */
async function otherMark(): Promise<{ mark: ProcessMark; end: () => Promise<void> }> {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' })
  await once(child, 'spawn')
  const [, after] = (await readFile(`/proc/${child.pid}/stat`, 'utf8')).split(') ')
  return {
    mark: { ...thisProcess(), pid: child.pid!, began: after!.split(' ')[19]! },
    async end() {
      child.kill()
      await once(child, 'exit')
    },
  }
}

const elsewhere = (): ProcessMark => ({ ...thisProcess(), place: 'another machine' })

test('a folder that this process holds is refused, and free again afterwards', async () => {
  const unlock = await lockFolder(folder, 'work.pid')
  await expect(lockFolder(join(folder, '.'), 'work.pid')).rejects.toMatchObject({ code: 'store/folder-in-use' })
  expect(await readFile(path(), 'utf8')).toBe(mine())
  await unlock()
  await (await lockFolder(folder, 'work.pid'))()
  expect(await readdir(folder)).toEqual([])
})

test('a folder of another living process is refused, and nothing of it is touched', async (context) => {
  if (process.platform !== 'linux') return context.skip('only Linux tells when a process began')
  const { mark, end } = await otherMark()
  const text = JSON.stringify(mark)
  try {
    await writeFile(path(), text)
    await expect(lockFolder(folder, 'work.pid')).rejects.toMatchObject({ code: 'store/folder-in-use' })
    expect(await readFile(path(), 'utf8')).toBe(text)
    expect(await readdir(folder)).toEqual(['work.pid'])
    await writeFile(path(), JSON.stringify({ ...mark, began: '1' })) // it has the number of one that was before it
    await (await lockFolder(folder, 'work.pid'))()
  } finally {
    await end()
  }
})

test.each(['dead', 'empty', 'torn'])('a lock that is %s is taken over', async (kind) => {
  const content = kind === 'dead' ? JSON.stringify(await deadMark()) : kind === 'torn' ? '{"pid":' : ''
  await writeFile(path(), content)
  const unlock = await lockFolder(folder, 'work.pid')
  expect(await readFile(path(), 'utf8')).toBe(mine())
  await unlock()
})

const quick = { touchMs: 50, silenceMs: 1000 }

test('a lock of another machine, or container, is taken over once nobody touches it any more', async () => {
  await writeFile(path(), JSON.stringify(elsewhere()))
  const unlock = await lockFolder(folder, 'work.pid', quick)
  expect(await readFile(path(), 'utf8')).toBe(mine())
  await unlock()
})

test('a lock of another machine that is touched is refused', async () => {
  const text = JSON.stringify(elsewhere())
  await writeFile(path(), text)
  const touch = setInterval(() => void utimes(path(), new Date(), new Date()), 50)
  try {
    await expect(lockFolder(folder, 'work.pid', quick)).rejects.toMatchObject({ code: 'store/folder-in-use' })
    expect(await readFile(path(), 'utf8')).toBe(text)
  } finally {
    clearInterval(touch)
  }
})

test('a lock that is held is touched', async () => {
  const unlock = await lockFolder(folder, 'work.pid', quick)
  const { mtimeMs } = await stat(path())
  await vi.waitFor(async () => expect((await stat(path())).mtimeMs).toBeGreaterThan(mtimeMs))
  await unlock()
})
