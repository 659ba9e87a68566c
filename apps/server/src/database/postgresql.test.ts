import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import pg from 'pg'
import { expect, test } from 'vitest'
import { postgresqlPrograms, startPostgresql } from '../testing/postgresql.mjs'
import { isLost, openPostgresql } from './postgresql.js'

test.each([
  [{ code: '57P01', message: 'terminating connection due to administrator command' }],
  [{ code: '57P03', message: 'the database system is starting up' }],
  [{ code: '08006', message: 'connection failure' }],
  [{ code: 'ECONNREFUSED', message: 'connect ECONNREFUSED 127.0.0.1:5432' }],
  [{ message: 'Connection terminated unexpectedly' }],
  [{ message: 'Client has encountered a connection error and is not queryable' }],
  [{ message: 'timeout exceeded when trying to connect' }],
])('%j says that the connection is lost', (error) => {
  expect(isLost(error)).toBe(true)
})

test.each([
  [{ code: '23505', message: 'duplicate key value violates unique constraint' }],
  [{ code: '40001', message: 'could not serialize access' }],
  [{ message: 'anything else' }],
])('%j says that the statement was refused', (error) => {
  expect(isLost(error)).toBe(false)
})

test('a server whose database another one took in a break writes nothing more', async (context) => {
  if (!postgresqlPrograms()) return context.skip('there is no PostgreSQL on this machine')
  const postgresql = await startPostgresql()
  const thief = new pg.Client({ connectionString: postgresql.url })
  const lines: string[] = []
  const database = await openPostgresql(postgresql.url, (line) => lines.push(line))
  try {
    await database.query('create table numbers (number int)')
    const write = () => database.transaction((tx) => tx.query('insert into numbers values (1)'))
    await write()
    await expect(openPostgresql(postgresql.url, () => {})).rejects.toMatchObject({ code: 'server/database-in-use' })
    await thief.connect()
    const [{ objid, pid }] = (await thief.query(`select objid, pid from pg_locks where locktype = 'advisory'`)).rows
    const waiting = thief.query('select pg_advisory_lock($1)', [objid])
    await postgresql.query('select pg_terminate_backend($1)', [pid])
    await waiting
    const end = async () => {
      for (;;) {
        const error = await write().then(
          () => undefined,
          (cause) => cause,
        )
        if (error && !isLost(error)) return error
        await new Promise((resolve) => setTimeout(resolve, 50))
      }
    }
    expect(await end()).toMatchObject({ code: 'server/database-in-use' })
    await expect(database.query('select 1')).rejects.toMatchObject({ code: 'server/database-in-use' })
    expect(lines.join()).toContain('got a used one')
  } finally {
    await thief.end()
    await database.close()
    await postgresql.stop()
  }
}, 120_000)

test('a server takes its own lock again from a connection that PostgreSQL has not seen break', async (context) => {
  if (!postgresqlPrograms()) return context.skip('there is no PostgreSQL on this machine')
  const postgresql = await startPostgresql()
  const target = new URL(postgresql.url)
  const near = new Set<Socket>()
  // Breaks connections on our side alone, as a router does that forgets them.
  const router = createServer((socket) => {
    const far = connect(Number(target.port), target.hostname)
    socket.on('data', (data) => far.write(data)).on('error', () => {})
    far.on('data', (data) => socket.write(data)).on('error', () => {})
    near.add(socket)
    fars.push(far)
  })
  const fars: Socket[] = []
  await new Promise<void>((resolve) => router.listen(0, '127.0.0.1', resolve))
  const address = new URL(postgresql.url)
  address.port = `${(router.address() as AddressInfo).port}`
  const database = await openPostgresql(address.href, () => {})
  try {
    const state = () =>
      database
        .transaction((tx) => tx.query('select 1'))
        .then(
          () => 'done',
          (error) => (isLost(error) ? 'lost' : error.code),
        )
    for (const socket of near) socket.destroy()
    await expect.poll(state, { timeout: 10_000 }).toBe('lost')
    await expect.poll(state, { timeout: 30_000 }).toBe('done')
  } finally {
    await database.close()
    for (const socket of [...near, ...fars]) socket.destroy()
    router.close()
    await postgresql.stop()
  }
}, 120_000)
