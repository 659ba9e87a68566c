// PostgreSQL inside the server's own process, as WebAssembly over a folder: nothing to install, nothing to start.
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { lockFolder, makeFolder, StoreError } from '@dreamgraph/store'
import { PGlite, type Transaction } from '@electric-sql/pglite'
import { ServerProblem } from '../problem.js'
import type { Database, Queryable } from './database.js'

/** Opens the database in a folder of its own; a second process on the same folder is refused with server/folder-in-use. */
export async function openEmbedded(folder: string): Promise<Database> {
  await makeFolder(folder)
  const unlock = await lockFolder(folder, 'server.pid').catch((error) => {
    if (!(error instanceof StoreError) || error.code !== 'store/folder-in-use') throw error
    throw new ServerProblem('server/folder-in-use', `data: ${error.message}`, { cause: error })
  })
  const data = join(folder, 'postgres')
  // A process that was killed leaves its file behind, in which it was always number 42 or so; the lock above says more.
  await rm(join(data, 'postmaster.pid'), { force: true })
  const pg = await PGlite.create({ dataDir: data })
  return {
    kind: 'embedded',
    query: queryOf(pg).query,
    transaction: (work) => pg.transaction((tx) => work(queryOf(tx))) as Promise<Awaited<ReturnType<typeof work>>>,
    isLost: () => false,
    async close() {
      await pg.close()
      await unlock()
    },
  }
}

const queryOf = (on: PGlite | Transaction): Queryable => ({
  async query<Row>(text: string, values: readonly unknown[] = []) {
    // Only without values may a text hold several statements, as pg-boss's do.
    const result = values.length > 0 ? await on.query(text, [...values]) : (await on.exec(text)).at(-1)
    return (result?.rows ?? []) as Row[]
  },
})
