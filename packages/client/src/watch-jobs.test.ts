import { expect, it } from 'vitest'
import type { Client } from './index.js'
import { connectTo, serve, until, writeLog } from './testing/fixture.js'
import type { WatchJobsOptions } from './watch-jobs.js'

/** The list as a watcher has it. */
function watch(client: Client, options: Partial<WatchJobsOptions> = {}) {
  const states = new Map<string, string>()
  const lists = { told: 0 }
  const ended = client.watchJobs({
    onJob: ({ id, state }) => states.set(id, state),
    onRemoved: (id) => states.delete(id),
    onListed: () => lists.told++,
    ...options,
  })
  ended.catch(() => {})
  return { states, lists, ended }
}

it('tells every job, what changes, and what goes', async () => {
  const server = await serve()
  const [old, gone] = [server.addJob(), server.addJob()]
  const watching = new AbortController()
  const { states, lists, ended } = watch(connectTo(server), { signal: watching.signal })
  await until(() => lists.told === 1)
  expect(states.size).toBe(2)
  const fresh = server.addJob()
  writeLog(server, old, 1)
  server.remove(gone.id)
  await until(() => states.size === 2 && states.get(old.id) === 'finished')
  expect([...states.keys()].sort()).toEqual([old.id, fresh.id].sort())
  watching.abort()
  await ended
  await until(() => server.sockets.size === 0)
})

it('is right again after a break, also about jobs that came, changed and went meanwhile', async () => {
  const server = await serve()
  const [changed, gone] = [server.addJob(), server.addJob()]
  const { states, lists } = watch(connectTo(server))
  await until(() => lists.told === 1)
  for (const socket of server.sockets) socket.isMute = true
  server.tell(changed.id, { type: 'paused' })
  server.remove(gone.id)
  const fresh = server.addJob()
  for (const socket of server.sockets) socket.terminate()
  await until(() => lists.told === 2)
  expect(states).toEqual(
    new Map([
      [changed.id, 'paused'],
      [fresh.id, 'queued'],
    ]),
  )
})

it('lists again after faults that pass, and believes the socket more than a list that is older', async () => {
  let busy = 2
  const server = await serve({
    intercept({ url }, response) {
      if (!url!.startsWith('/v1/jobs?')) return false
      if (busy-- > 0) response.writeHead(503).end('<html>')
      // While the list is under way, the socket tells of a change that it does not have yet.
      else {
        const stale = JSON.stringify({ items: [{ ...job, state: 'queued' }] })
        server.tell(job.id, { type: 'paused' })
        setTimeout(() => response.writeHead(200, { 'content-type': 'application/json' }).end(stale), 30)
      }
      return true
    },
  })
  const job = server.addJob()
  const { states, lists } = watch(connectTo(server))
  await until(() => lists.told === 1)
  expect(states).toEqual(new Map([[job.id, 'paused']]))
})

it('lists no more than asked, and does not take what it did not list for gone', async () => {
  const server = await serve()
  const jobs = Array.from({ length: 450 }, () => server.addJob())
  const { states, lists } = watch(connectTo(server), { most: 201 })
  await until(() => lists.told === 1)
  expect(states.size).toBe(400)
  server.tell(jobs[0]!.id, { type: 'paused' })
  await until(() => states.size === 401)
  for (const socket of server.sockets) socket.isMute = true
  server.remove(jobs.at(-1)!.id)
  for (const socket of server.sockets) socket.terminate()
  await until(() => lists.told === 2)
  expect(states.get(jobs[0]!.id)).toBe('paused')
  expect(states.has(jobs.at(-1)!.id)).toBe(false)
})

it('shares the connection between watches, ends one at a time, and with what a callback throws', async () => {
  const server = await serve()
  const job = server.addJob()
  const client = connectTo(server)
  const stays = watch(client)
  const throwing = watch(client, {
    onJob: ({ state }) => {
      if (state === 'paused') throw new Error('of the caller')
    },
  })
  await until(() => stays.lists.told === 1 && throwing.lists.told === 1)
  server.tell(job.id, { type: 'paused' })
  await expect(throwing.ended).rejects.toThrow('of the caller')
  server.tell(job.id, { type: 'queued', reason: 'resumed' })
  await until(() => stays.states.get(job.id) === 'queued')
  expect(server.sockets.size).toBe(1)
  await client.watchJobs({ onJob: () => {}, signal: AbortSignal.abort() })
})

it('fails where the server refuses', async () => {
  const server = await serve({ token: 'secret' })
  await expect(watch(connectTo(server, { token: 'wrong' })).ended).rejects.toMatchObject({
    code: 'request/unauthorized',
  })
})
