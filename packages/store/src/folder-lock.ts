// One process per folder, where two would destroy each other's work. A file in the folder says whose it is, and is touched as
// long as its process lives: other containers and machines cannot see that in any other way.
import { randomUUID } from 'node:crypto'
import { link, readFile, realpath, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { StoreError } from './errors.js'
import { lookFor, type ProcessMark, readMark, thisProcess } from './process-mark.js'

export interface LockTimes {
  readonly touchMs: number
  /** A lock that was not touched for so long is nobody's. */
  readonly silenceMs: number
}

const usualTimes: LockTimes = { touchMs: 2000, silenceMs: 10_000 }

/** Folders that this very process holds. */
const held = new Set<string>()

/**
 * Takes the folder until the returned function is called; `name` is that of the file. A lock whose process is gone is taken
 * over: at once where processes can be looked for, else after a silence. Throws store/folder-in-use.
 */
export async function lockFolder(folder: string, name: string, times = usualTimes): Promise<() => Promise<void>> {
  const path = join(await realpath(folder), name)
  if (held.has(path)) throw inUse(folder, process.pid)
  held.add(path)
  try {
    await take(folder, path, times.silenceMs)
  } catch (error) {
    held.delete(path)
    throw error
  }
  const touch = setInterval(() => {
    const now = new Date()
    void utimes(path, now, now).catch(() => {}) // the next time may do
  }, times.touchMs).unref()
  return async () => {
    clearInterval(touch)
    await rm(path, { force: true })
    held.delete(path)
  }
}

async function take(folder: string, path: string, silenceMs: number): Promise<void> {
  // Written beside and linked, so that nobody sees the file without its content.
  const mine = `${path}.${randomUUID()}`
  await writeFile(mine, JSON.stringify(thisProcess()))
  try {
    while (!(await linkNew(mine, path))) {
      const text = await readFile(path, 'utf8').catch(() => '')
      const owner = readMark(text)
      if (owner && (await isAlive(owner, path, silenceMs))) throw inUse(folder, owner.pid)
      await removeOf(text, path)
    }
  } finally {
    await rm(mine, { force: true })
  }
}

async function isAlive(owner: ProcessMark, path: string, silenceMs: number): Promise<boolean> {
  const found = lookFor(owner)
  if (found !== 'unknown') return found === 'lives'
  const touched = await lastTouch(path)
  for (const untilMs = Date.now() + silenceMs; Date.now() < untilMs; await sleep(100)) {
    if ((await lastTouch(path)) !== touched) return true
  }
  return false
}

const lastTouch = async (path: string): Promise<number | undefined> =>
  (await stat(path).catch(() => undefined))?.mtimeMs

/** False when the path exists. */
async function linkNew(from: string, path: string): Promise<boolean> {
  try {
    await link(from, path)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

/** Removes the lock of a dead process, and not the one that another has put there in the meantime. */
async function removeOf(text: string, path: string): Promise<void> {
  const aside = `${path}.${randomUUID()}`
  await rename(path, aside).catch(() => {}) // another process was faster
  const got = await readFile(aside, 'utf8').catch(() => text)
  if (got !== text) await linkNew(aside, path)
  await rm(aside, { force: true })
}

const inUse = (folder: string, owner: number): StoreError =>
  new StoreError(
    'store/folder-in-use',
    `${folder}: expected a folder that nobody else is at work in, got one used by process ${owner}`,
  )
