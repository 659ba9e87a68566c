import { expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { ConnectionFault, ServerFault } from './faults.js'
import type { Client } from './index.js'
import { collect, connectTo, serve, until, writeLog } from './testing/fixture.js'
import { harmless } from './testing/rig.js'

const upgrades = ({ requests }: { requests: { line: string }[] }) =>
  requests.filter(({ line }) => line === 'UPGRADE /v1/events')

function statesOf(client: Client): string[] {
  const states: string[] = []
  client.onConnection(({ status }) => states.push(status))
  return states
}

it('opens one socket for all that is followed, when something is, and closes it a little after', async () => {
  const server = await serve()
  const client = connectTo(server)
  const states = statesOf(client)
  const jobs = [server.addJob(), server.addJob(), server.addJob()]
  await client.call('jobs')
  expect(upgrades(server)).toHaveLength(0)

  const logs = jobs.map((job) => collect(client.events(job.id)))
  await until(() => [...server.sockets][0]?.follows.length === 3)
  for (const job of jobs) writeLog(server, job, 5)
  expect((await Promise.all(logs)).map((log) => log.length)).toEqual([8, 8, 8])
  await collect(client.events(jobs[0]!.id))
  expect(upgrades(server)).toHaveLength(1)

  await until(() => server.sockets.size === 0)
  expect(states).toEqual(['idle', 'connecting', 'open', 'idle'])
  await collect(client.events(jobs[0]!.id))
  expect(upgrades(server)).toHaveLength(2)
})

it('sends the token in a header with ws, and as the first frame with any other class', async () => {
  const server = await serve({ token: 'secret' })
  const job = server.addJob()
  writeLog(server, job, 1)
  expect(await collect(connectTo(server, { token: 'secret' }).events(job.id))).toHaveLength(4)
  class Plain extends WebSocket {
    constructor(url: string) {
      super(url)
    }
  }
  expect(await collect(connectTo(server, { token: 'secret', WebSocket: Plain }).events(job.id))).toHaveLength(4)
  expect(upgrades(server)).toMatchObject([{ authorization: 'Bearer secret' }, { authorization: undefined }])
})

it('fails what is followed where the token is wrong, told at the handshake or in a frame', async () => {
  const server = await serve({ token: 'secret' })
  const { id } = server.addJob()
  for (const options of [{ token: 'wrong' }, { token: 'wrong', WebSocket }]) {
    const client = connectTo(server, options)
    const fault = await collect(client.events(id)).catch((thrown) => thrown)
    expect(fault).toBeInstanceOf(ServerFault)
    expect(fault.code).toBe('request/unauthorized')
  }
})

it('does not wait long to learn that a token is needed, where it has none', async () => {
  const server = await serve({ token: 'secret' })
  const { id } = server.addJob()
  const client = connectTo(server, { patience: { doubtMs: 30 } })
  await expect(collect(client.events(id))).rejects.toMatchObject({ code: 'request/unauthorized', status: 401 })
  expect(upgrades(server)).toHaveLength(1)
})

it('waits for a server that is away, and tells of it', async () => {
  const server = await serve()
  const job = server.addJob()
  const client = connectTo(server)
  const states: string[] = []
  client.onConnection(({ status, retryInMs, reason }) => {
    states.push(status)
    if (status === 'away') expect([retryInMs! > 0, reason]).toEqual([true, 'closed (1006)'])
  })
  await server.stop()
  const log = collect(client.events(job.id))
  await until(() => states.filter((state) => state === 'away').length > 3)
  const again = await serve({ port: server.port })
  again.addJob({ id: job.id })
  writeLog(again, job, 2)
  expect(await log).toHaveLength(5)
  expect(states.slice(0, 3)).toEqual(['idle', 'connecting', 'away'])
  expect(states.at(-1)).toBe('open')
})

it('tries at once when told so, instead of after the wait', async () => {
  const server = await serve()
  const job = server.addJob()
  const client = connectTo(server, { patience: { retryFirstMs: 60_000, retryMaxMs: 60_000, requestTries: 1 } })
  const log = collect(client.events(job.id))
  await until(() => server.sockets.size === 1)
  for (const socket of server.sockets) socket.terminate()
  const states = statesOf(client)
  await until(() => states.at(-1) === 'away')
  client.reconnect()
  writeLog(server, job, 1)
  expect(await log).toHaveLength(4)
})

it('pings in silence, and takes a connection that does not answer for dead', async () => {
  const server = await serve()
  const job = server.addJob()
  const client = connectTo(server, { patience: { pingMs: 30, pongMs: 60 } })
  const reasons: (string | undefined)[] = []
  client.onConnection(({ reason }) => reasons.push(reason))
  const log = collect(client.events(job.id))
  await until(() => [...server.sockets][0]?.received.filter((type) => type === 'ping').length === 3)
  expect(upgrades(server)).toHaveLength(1)

  for (const socket of server.sockets) socket.isMute = true
  writeLog(server, job, 1)
  expect(await log).toHaveLength(4)
  expect(reasons).toContain('no answer to a ping')
  expect(upgrades(server)).toHaveLength(2)
})

it('does not wait for ever for a welcome', async () => {
  const server = await serve({ rig: { ...harmless, delayMs: () => (upgrades(server).length < 3 ? 10_000 : 0) } })
  const job = server.addJob()
  writeLog(server, job, 1)
  const client = connectTo(server, { patience: { welcomeMs: 40 } })
  expect(await collect(client.events(job.id))).toHaveLength(4)
  expect(upgrades(server)).toHaveLength(3)
})

it('asks for another connection where a frame cannot be read, and ignores kinds that it does not know', async () => {
  const server = await serve()
  const job = server.addJob()
  const log = collect(connectTo(server).events(job.id))
  await until(() => server.sockets.size === 1)
  for (const noise of ['{"type":"of-the-future"}', Uint8Array.of(9, 9)]) [...server.sockets][0]!.sendRaw(noise)
  server.tell(job.id, { type: 'paused' })
  await until(() => [...server.sockets][0]!.follows.length === 1)
  expect(upgrades(server)).toHaveLength(1)
  ;[...server.sockets][0]!.sendRaw('<html>')
  await until(() => upgrades(server).length === 2)
  writeLog(server, job, 1)
  expect(await log).toHaveLength(5)
})

it('says so where the server speaks another version', async () => {
  const server = await serve({ protocol: 2 })
  const { id } = server.addJob()
  const fault = await collect(connectTo(server).events(id)).catch((thrown) => thrown)
  expect(fault).toBeInstanceOf(ConnectionFault)
  expect(fault).toMatchObject({ code: 'client/protocol-version', message: 'server: expected protocol 1, got 2' })
})

it('fails what is followed when it is closed, and follows nothing after that', async () => {
  const server = await serve()
  const { id } = server.addJob()
  const client = connectTo(server)
  const log = collect(client.events(id))
  const watch = client.watchJobs({ onJob: () => {} })
  await until(() => server.sockets.size === 1)
  client.close()
  await expect(log).rejects.toMatchObject({ code: 'client/closed' })
  await expect(watch).rejects.toMatchObject({ code: 'client/closed' })
  await expect(collect(client.events(id))).rejects.toMatchObject({ code: 'client/closed' })
  await until(() => server.sockets.size === 0)
  expect((await client.call('job', { params: { job: id } })).id).toBe(id)
})
