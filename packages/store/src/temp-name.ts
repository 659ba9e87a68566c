// Names of temporary files that tell who writes them, so that what a dead writer left behind can be recognised.
import { createHash, randomBytes } from 'node:crypto'
import { readdir, rm, stat } from 'node:fs/promises'
import { hostname } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { isRunning, pidNamespace } from './processes.js'

/** A live writer touches its file; one that has been silent for this long is taken for dead even if its id is in use. */
const silentMs = 24 * 60 * 60 * 1000

const machine = createHash('sha256').update(`${hostname()} ${pidNamespace()}`).digest('hex').slice(0, 8)

/** `.name.<machine>.<pid>.<random>.tmp` in the same folder, hence on the same volume: rename stays atomic. */
export function tempNameFor(file: string): string {
  const start = basename(file).slice(0, 40) // a name may already be as long as the file system allows
  const random = randomBytes(6).toString('hex')
  return join(dirname(file), `.${start}.${machine}.${process.pid}.${random}.tmp`)
}

/** Removes temporary files in `folder` whose writer is dead. Never throws: cleaning may wait for another day. */
export async function removeStaleTemps(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => [])
  for (const name of names) {
    const owner = /^\..*\.([0-9a-f]{8})\.(\d+)\.[0-9a-f]{12}\.tmp$/.exec(name)
    if (!owner) continue
    const file = join(folder, name)
    const isDead = owner[1] === machine && !isRunning(Number(owner[2]))
    if (isDead || (await isSilent(file))) await rm(file, { force: true }).catch(() => {})
  }
}

async function isSilent(file: string): Promise<boolean> {
  const entry = await stat(file).catch(() => undefined)
  return entry !== undefined && Date.now() - entry.mtimeMs > silentMs
}
