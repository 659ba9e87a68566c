// A real PostgreSQL in a temporary folder, for tests; where there is none, the reason why.
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, openSync, readdirSync } from 'node:fs'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import pg from 'pg'
import { childrenOf, freePort, kill, killProcess } from './processes.mjs'

const run = promisify(execFile)
const startMs = 180_000

/** Folder of `postgres` and `initdb`; undefined where there is none. */
export function postgresqlPrograms() {
  const root = '/usr/lib/postgresql'
  const versions = existsSync(root) ? readdirSync(root).sort().reverse() : []
  const folders = [...versions.map((version) => join(root, version, 'bin')), '/usr/local/bin', '/usr/bin']
  return folders.find((folder) => existsSync(join(folder, 'postgres')) && existsSync(join(folder, 'initdb')))
}

/** Starts one, on a free port. PostgreSQL refuses to run as root; then it runs as nobody. Throws where there is none. */
export async function startPostgresql() {
  const programs = postgresqlPrograms()
  if (!programs) throw new Error('postgresql: expected postgres and initdb, got none')
  const folder = await mkdtemp(join(tmpdir(), 'dreamgraph-postgres-'))
  const asUser = userInfo().uid === 0 ? ['setpriv', '--reuid=nobody', '--regid=nogroup', '--clear-groups'] : []
  if (asUser.length > 0) await run('chown', ['nobody:nogroup', folder])
  await chmod(folder, 0o700)
  const data = join(folder, 'data')
  const [program, ...words] = [...asUser, join(programs, 'initdb')]
  await run(program, [...words, '-D', data, '-U', 'dreamgraph', '-A', 'trust', '-E', 'UTF8', '--no-sync'])
  const port = await freePort()
  const url = `postgresql://dreamgraph@127.0.0.1:${port}/postgres`
  let child
  const start = async () => {
    const [program, ...words] = [...asUser, join(programs, 'postgres')]
    const settings = ['-c', 'listen_addresses=127.0.0.1', '-c', `unix_socket_directories=${folder}`]
    const log = openSync(join(folder, 'log'), 'a')
    child = spawn(program, [...words, '-D', data, '-p', `${port}`, ...settings], { stdio: ['ignore', log, log] })
    await answers(url)
  }
  await start()
  return {
    url,
    log: join(folder, 'log'),
    /** One statement from a connection of its own. */
    query: (text, values) => query(url, text, values),
    /** Ends one connection of others, by number. False when there is none. */
    async endConnection(index) {
      const pids = await backends(url)
      if (pids.length === 0) return false
      await query(url, 'select pg_terminate_backend($1)', [pids[index % pids.length]])
      return true
    },
    /** kill -9 of the process behind one connection of others, by number; all are then cut, and it recovers by itself. */
    async killBackend(index) {
      const pids = await backends(url)
      return pids.length > 0 && kill(pids[index % pids.length])
    },
    /** kill -9 of everything, and a new start in recovery. */
    async killAll() {
      const { pid } = child
      const backends = childrenOf(pid, 'postgres')
      await killProcess(child)
      for (const backend of backends) kill(backend)
      await sleep(200) // until its shared memory is free
      await start()
      return true
    },
    answers: () => answers(url),
    async stop() {
      const gone = once(child, 'exit')
      child.kill('SIGQUIT')
      await gone
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** Pids of the processes behind connections other than this one. */
async function backends(url) {
  await answers(url)
  const text = 'select pid from pg_stat_activity where backend_type = $1 and pid <> pg_backend_pid() order by pid'
  return (await query(url, text, ['client backend'])).rows.map(({ pid }) => pid)
}

async function query(url, text, values) {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5000 })
  client.on('error', () => {})
  await client.connect()
  try {
    return await client.query(text, values)
  } finally {
    await client.end().catch(() => {})
  }
}

async function answers(url) {
  for (const untilMs = Date.now() + startMs; ; await sleep(100)) {
    try {
      return await query(url, 'select 1')
    } catch (error) {
      if (Date.now() > untilMs) throw error
    }
  }
}
