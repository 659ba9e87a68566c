// A real PostgreSQL by URL.
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { ServerProblem } from '../problem.js'
import type { Database, Queryable } from './database.js'

/** Large enough that a page and a job do not wait for each other; the writer of events uses one at a time. */
const connections = 6
/** Any number; the same in every dreamgraph server. */
const ownerLock = 7_310_041
const lockMs = 5000
const patienceMs = 20_000
const againMs = 200

const int8 = 20
const types: pg.CustomTypesConfig = {
  // Counts and times in milliseconds stay below 2^53.
  getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
    oid === int8 ? Number : pg.types.getTypeParser(oid, format as 'text')) as pg.CustomTypesConfig['getTypeParser'],
}

/**
 * Connects. Events are numbered by one writer, so a second server on the same database is refused with
 * server/database-in-use; and so is all that this one asks for, once another has taken the database in a break.
 */
export async function openPostgresql(url: string, onLog: (line: string) => void): Promise<Database> {
  const pool = new pg.Pool({ connectionString: url, max: connections, types, connectionTimeoutMillis: 10_000 })
  pool.on('error', (error) => onLog(`database: ${error.message}`)) // an idle connection broke; the pool opens another
  const owner = await takeOwnership(pool, onLog)
  const { query } = queryOf(pool)
  return {
    kind: 'postgresql',
    query: patient(async (text, values) => {
      owner.expect()
      return query(text, values)
    }),
    async transaction(work) {
      owner.expect()
      const client = await pool.connect()
      // A connection that breaks between statements says so here, and again at the next statement.
      const onError = () => {}
      client.on('error', onError)
      let broken: Error | undefined
      try {
        await client.query('begin')
        const result = await work(queryOf(client))
        await client.query('commit')
        return result
      } catch (error) {
        if (isLost(error)) broken = error as Error
        else await client.query('rollback').catch((cause: Error) => (broken = cause))
        throw error
      } finally {
        client.off('error', onError)
        client.release(broken)
      }
    },
    isLost,
    async close() {
      await owner.release()
      await pool.end()
    },
  }
}

/** Reads are asked again for a while: PostgreSQL may be starting anew. Anything else may have been carried out. */
const patient =
  (query: Queryable['query']): Queryable['query'] =>
  async <Row>(text: string, values?: readonly unknown[]) => {
    for (const untilMs = Date.now() + patienceMs; ; await sleep(againMs)) {
      try {
        return await query<Row>(text, values)
      } catch (error) {
        if (!isLost(error) || !/^\s*select\b/i.test(text) || Date.now() > untilMs) throw error
      }
    }
  }

const queryOf = (on: pg.Pool | pg.PoolClient): Queryable => ({
  async query<Row>(text: string, values: readonly unknown[] = []) {
    const result = (await (values.length > 0 ? on.query(text, [...values]) : on.query(text))) as
      | pg.QueryResult
      | pg.QueryResult[]
    return ((Array.isArray(result) ? result.at(-1) : result)?.rows ?? []) as Row[]
  },
})

/** Holds an advisory lock on a connection of its own, and takes it again when that connection breaks. */
async function takeOwnership(pool: pg.Pool, onLog: (line: string) => void) {
  let client: pg.PoolClient | undefined
  let isReleased = false
  let taken: ServerProblem | undefined
  let former: { readonly pid: number; readonly began: string } | undefined
  const take = async (): Promise<void> => {
    const connection = await pool.connect()
    connection.on('error', () => {
      if (client === connection) lost()
    })
    try {
      if (former) await connection.query(endFormer, [former.pid, former.began])
      await lock(connection)
      former = (await connection.query(whoAmI)).rows[0]
      client = connection
    } catch (error) {
      connection.release(true)
      throw error
    }
  }
  const lost = (): void => {
    client?.release(true)
    client = undefined
    if (!isReleased) void takeAgain()
  }
  const takeAgain = async (): Promise<void> => {
    while (!isReleased && !client && !taken) {
      await new Promise((resolve) => setTimeout(resolve, 500).unref())
      await take().catch((error: Error) => {
        onLog(`database: ${error.message}`)
        if (error instanceof ServerProblem) taken = error
      })
    }
  }
  await take()
  return {
    /** Throws what `isLost` recognizes while the lock is to be had again, and server/database-in-use when it is not. */
    expect() {
      if (taken) throw taken
      if (!client) throw new Error('connection error: the database may be another server’s by now')
    },
    async release() {
      isReleased = true
      await client?.query('select pg_advisory_unlock($1)', [ownerLock]).catch(() => {})
      client?.release()
    },
  }
}

const whoAmI = 'select pid, backend_start::text as began from pg_stat_activity where pid = pg_backend_pid()'
/** PostgreSQL may not have noticed for hours that a connection broke, and would keep our own lock from us. */
const endFormer = `select pg_terminate_backend(pid) from pg_stat_activity where pid = $1 and backend_start::text = $2`

/** Throws server/database-in-use. A server that was killed holds its lock until PostgreSQL has noticed. */
async function lock(client: pg.PoolClient): Promise<void> {
  for (const untilMs = Date.now() + lockMs; Date.now() < untilMs; await sleep(againMs)) {
    const [{ locked }] = (await client.query('select pg_try_advisory_lock($1) as locked', [ownerLock])).rows
    if (locked) return
  }
  const rule = 'one that no other server uses'
  throw new ServerProblem('server/database-in-use', `database: expected ${rule}, got a used one`)
}

/** Classes of SQLSTATE that say the connection or the server went away. */
const lostStates = /^(08|57P|25P02$)/
const lostCodes = new Set(['ECONNRESET', 'ECONNREFUSED', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND'])

/** True for errors that say the connection, or PostgreSQL itself, went away. */
export function isLost(error: unknown): boolean {
  const { code = '', message = '' } = error as { code?: string; message?: string }
  return (
    lostStates.test(code) ||
    lostCodes.has(code) ||
    /connection (terminated|ended)|timeout exceeded|is not queryable|connection error/i.test(message)
  )
}
