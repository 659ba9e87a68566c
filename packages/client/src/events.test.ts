import type { PreviewFrame } from '@dreamgraph/protocol'
import { expect, it } from 'vitest'
import { maxWaiting } from './event-reader.js'
import { collect, connectTo, progressed, serve, until, writeLog } from './testing/fixture.js'

const numbers = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index)
const seqs = (log: readonly { seq: number }[]) => log.map(({ seq }) => seq)

it('gives the log from any point of it, and the job as it ended', async () => {
  const server = await serve()
  const job = server.addJob()
  writeLog(server, job, 7)
  const client = connectTo(server)
  const events = client.events(job.id)
  const types: string[] = []
  for (let step = await events.next(); ; step = await events.next()) {
    if (step.done) {
      expect(step.value).toMatchObject({ id: job.id, state: 'finished', lastSeq: 10 })
      break
    }
    types.push(step.value.type)
  }
  expect(types).toEqual(['queued', 'started', ...Array(7).fill('node-progress'), 'finished'])
  expect(seqs(await collect(client.events(job.id, { since: 8 })))).toEqual([9, 10])
  expect(await collect(client.events(job.id, { since: 10 }))).toEqual([])
  await expect(collect(client.events(job.id, { since: 11 }))).rejects.toThrow('expected at most 10, got 11')
})

it('waits for events to come where there are none yet after the point', async () => {
  const server = await serve()
  const job = server.addJob()
  const log = collect(connectTo(server).events(job.id, { since: 1 }))
  await until(() => [...server.sockets][0]?.follows.length === 1)
  writeLog(server, job, 1)
  expect(seqs(await log)).toEqual([2, 3, 4])
})

it('goes on behind an end that was retried', async () => {
  const server = await serve()
  const job = server.addJob()
  server.tell(job.id, { type: 'failed', error: { code: 'x', message: 'y', userFault: true }, dead: false })
  server.tell(job.id, { type: 'queued', reason: 'retried' })
  const log = collect(connectTo(server).events(job.id))
  await until(() => [...server.sockets][0]?.follows.length === 1)
  writeLog(server, job, 1)
  expect(seqs(await log)).toEqual(numbers(1, 6))
})

it('ends with the last event where some came behind the end', async () => {
  const server = await serve()
  const job = server.addJob()
  writeLog(server, job, 1)
  server.tell(job.id, progressed(1, 1))
  server.tell(job.id, progressed(1, 1))
  expect(seqs(await collect(connectTo(server).events(job.id)))).toEqual(numbers(1, 6))
})

it('ends with undefined where the job was removed after its end', async () => {
  const server = await serve()
  const job = server.addJob()
  writeLog(server, job, 1)
  const events = connectTo(server).events(job.id)
  for (let event = await events.next(); !event.done && event.value.type !== 'finished'; ) event = await events.next()
  server.remove(job.id)
  expect(await events.next()).toEqual({ done: true, value: undefined })
})

it('fails for a job that does not exist, and leaves others alone', async () => {
  const server = await serve()
  const job = server.addJob()
  const client = connectTo(server)
  const log = collect(client.events(job.id))
  const missing = collect(client.events('00000000-0000-4000-8000-000000000000'))
  await expect(missing).rejects.toMatchObject({ name: 'ServerFault', code: 'request/not-found', status: undefined })
  writeLog(server, job, 1)
  expect(await log).toHaveLength(4)
})

it('keeps little for a slow loop: what does not fit is fetched from the log when it is asked for', async () => {
  const server = await serve()
  const job = server.addJob()
  const client = connectTo(server)
  const total = 4 * maxWaiting
  const seen: number[] = []
  let toTell = 0
  for await (const { seq } of client.events(job.id)) {
    seen.push(seq)
    if (seq === 1) {
      writeLogStart()
      // The socket brings far more than is kept, before the loop asks again.
      await until(() => toTell === 0)
    }
    // More comes while pages are under way; the end only after the loop has caught up once.
    if (seq % 500 === 0 && seq < total) for (let more = 0; more < 20; more++) server.tell(job.id, progressed(0, 1))
    if (seq === total) server.tell(job.id, { type: 'finished', durationMs: 1 })
  }
  function writeLogStart(): void {
    toTell = total
    const batch = () => {
      for (let at = 0; at < 500; at++, toTell--) server.tell(job.id, progressed(at, total))
      if (toTell > 0) setTimeout(batch, 1)
    }
    batch()
  }
  expect(seen).toEqual(numbers(1, seen.length))
  expect(seen.length).toBeGreaterThan(total)
  const pages = server.requests.filter(({ line }) => line.includes('/events?since='))
  expect(pages.length).toBeGreaterThan(1)
  expect(pages.length).toBeLessThan(12)
})

it('lets several loops read a job, each from its own point, over one follow', async () => {
  const server = await serve()
  const job = server.addJob()
  const client = connectTo(server)
  for (let at = 0; at < 10; at++) server.tell(job.id, progressed(at, 10))
  const late = collect(client.events(job.id, { since: 9 }))
  await until(() => [...server.sockets][0]?.follows.length === 1)
  const early = collect(client.events(job.id))
  const later = collect(client.events(job.id, { since: 11 }))
  const stopped = client.events(job.id)
  await stopped.next()
  await stopped.return(undefined)
  for (let at = 0; at < 3; at++) server.tell(job.id, progressed(at, 10))
  writeLog(server, job, 1)
  expect(seqs(await late)).toEqual(numbers(10, 17))
  expect(seqs(await early)).toEqual(numbers(1, 17))
  expect(seqs(await later)).toEqual(numbers(12, 17))
  expect([...server.sockets][0]!.received.filter((type) => type === 'follow')).toHaveLength(1)
})

it('hands on previews of the kinds that each loop asked for, and asks for no others', async () => {
  const server = await serve()
  const job = server.addJob()
  const client = connectTo(server)
  const pictures: PreviewFrame[] = []
  const maps: string[] = []
  const preview = (kind: 'picture' | 'routing', byte: number): PreviewFrame => ({
    header: { job: job.id, node: 'n', kind, mediaType: 'image/png', width: 1, height: 1, step: 3 },
    bytes: Uint8Array.of(byte),
  })
  const first = collect(client.events(job.id, { onPreview: (given) => pictures.push(given) }))
  await until(() => [...server.sockets][0]?.follows.length === 1)
  server.preview(preview('routing', 1))
  server.preview(preview('picture', 2))
  await until(() => pictures.length === 1)
  expect(pictures[0]).toEqual({ ...preview('picture', 2), bytes: Uint8Array.of(2) })

  const onPreview = ({ header }: PreviewFrame) => maps.push(header.kind)
  const second = collect(client.events(job.id, { since: 1, previews: ['routing'], onPreview }))
  await until(() => [...server.sockets][0]!.received.filter((type) => type === 'follow').length === 2)
  server.preview(preview('routing', 3))
  server.preview(preview('picture', 4))
  await until(() => pictures.length === 2)
  expect(maps).toEqual(['routing'])
  writeLog(server, job, 1)
  expect(seqs(await first)).toEqual([1, 2, 3, 4])
  expect(seqs(await second)).toEqual([2, 3, 4])
})

it('throws what onPreview throws, and leaves the job', async () => {
  const server = await serve()
  const job = server.addJob()
  const onPreview = () => {
    throw new Error('of the caller')
  }
  const log = collect(connectTo(server).events(job.id, { onPreview }))
  await until(() => [...server.sockets][0]?.follows.length === 1)
  const header = { job: job.id, node: 'n', kind: 'picture', mediaType: 'x', width: 1, height: 1 } as const
  server.preview({ header, bytes: Uint8Array.of(1) })
  await expect(log).rejects.toThrow('of the caller')
  await until(() => server.sockets.size === 0)
})

it('stops when its signal aborts: while waiting, between events, and before anything', async () => {
  const server = await serve()
  const job = server.addJob()
  const client = connectTo(server)
  const reason = new Error('enough')
  await expect(collect(client.events(job.id, { signal: AbortSignal.abort(reason) }))).rejects.toBe(reason)
  expect(server.requests).toEqual([])

  const waiting = new AbortController()
  const log = collect(client.events(job.id, { signal: waiting.signal }))
  await until(() => [...server.sockets][0]?.follows.length === 1)
  waiting.abort(reason)
  await expect(log).rejects.toBe(reason)
  await until(() => [...server.sockets][0]?.received.includes('unfollow') ?? true)

  writeLog(server, job, 5)
  const between = new AbortController()
  const seen: number[] = []
  const loop = async () => {
    for await (const { seq } of client.events(job.id, { signal: between.signal })) {
      seen.push(seq)
      if (seq === 3) between.abort(reason)
    }
  }
  await expect(loop()).rejects.toBe(reason)
  expect(seen).toEqual([1, 2, 3])
  await until(() => server.sockets.size === 0)
})

it('lets go of the job where the loop is left', async () => {
  const server = await serve()
  const job = server.addJob()
  for await (const event of connectTo(server).events(job.id)) if (event.type === 'queued') break
  await until(() => server.sockets.size === 0)
})

it('asks anew where an event is missing, and says which where it stays missing', async () => {
  const server = await serve()
  const job = server.addJob()
  const { log } = server.jobs.get(job.id)!
  const client = connectTo(server)
  const torn = collect(client.events(job.id))
  await until(() => [...server.sockets][0]?.follows.length === 1)
  const [socket] = server.sockets
  const event = { type: 'paused', seq: 3, atMs: 1 }
  socket!.sendRaw(JSON.stringify({ type: 'event', job: job.id, event }))
  await until(() => server.sockets.size === 1 && ![...server.sockets].includes(socket!))
  writeLog(server, job, 1)
  expect(seqs(await torn)).toEqual([1, 2, 3, 4])

  log.splice(1, 1)
  const message = `job ${job.id}: expected event 2, got 3`
  await expect(collect(client.events(job.id))).rejects.toMatchObject({ code: 'client/log-gap', message })
})
