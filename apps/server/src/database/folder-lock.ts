// One process per data folder: two on one embedded database would destroy it.
import { randomUUID } from 'node:crypto'
import { link, readFile, realpath, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ServerProblem } from '../problem.js'

/** Folders that this very process holds: its own number says nothing, as one killed before may have had it. */
const held = new Set<string>()

/** Takes the folder until the returned function is called. A lock whose process is gone is taken over. */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  const path = join(await realpath(folder), 'server.pid')
  if (held.has(path)) throw inUse(folder, process.pid)
  held.add(path)
  try {
    await take(folder, path)
  } catch (error) {
    held.delete(path)
    throw error
  }
  return async () => {
    await rm(path, { force: true })
    held.delete(path)
  }
}

async function take(folder: string, path: string): Promise<void> {
  // Written beside and linked, so that nobody sees the file without its number.
  const mine = `${path}.${randomUUID()}`
  await writeFile(mine, `${process.pid}`)
  try {
    while (!(await linkNew(mine, path))) {
      const owner = Number(await readFile(path, 'utf8').catch(() => '0'))
      if (owner > 0 && owner !== process.pid && isAlive(owner)) throw inUse(folder, owner)
      await removeOf(owner, path)
    }
  } finally {
    await rm(mine, { force: true })
  }
}

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
async function removeOf(owner: number, path: string): Promise<void> {
  const aside = `${path}.${randomUUID()}`
  await rename(path, aside).catch(() => {}) // another process was faster
  const got = Number(await readFile(aside, 'utf8').catch(() => `${owner}`))
  if (got !== owner) await linkNew(aside, path)
  await rm(aside, { force: true })
}

const inUse = (folder: string, owner: number): ServerProblem => {
  const rule = 'a folder that no other server uses'
  return new ServerProblem('server/folder-in-use', `data: expected ${rule}, got ${folder}, used by process ${owner}`)
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
