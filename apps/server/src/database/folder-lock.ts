// One process per data folder: two on one embedded database would destroy it.
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ServerProblem } from '../problem.js'

/** Takes the folder until the returned function is called. A lock whose process is gone is taken over. */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  const path = join(folder, 'server.pid')
  for (;;) {
    try {
      await writeFile(path, `${process.pid}`, { flag: 'wx' })
      return () => rm(path, { force: true })
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
    const owner = Number(await readFile(path, 'utf8').catch(() => '0'))
    if (owner > 0 && owner !== process.pid && isAlive(owner)) {
      const rule = 'a folder that no other server uses'
      throw new ServerProblem('server/folder-in-use', `data: expected ${rule}, got ${folder}, used by process ${owner}`)
    }
    await rm(path, { force: true })
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
