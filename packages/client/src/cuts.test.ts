import { expect, it, vi } from 'vitest'
import { collect, connectTo, progressed, serve } from './testing/fixture.js'
import { randomCuts, seeded } from './testing/rig.js'

// Hundreds of handshakes: seconds on a free machine, minutes on one that trains beside.
vi.setConfig({ testTimeout: 300_000 })

const jobs = 3
const cuts = 200

it.each([1, 2])('gives each event exactly once and in order through 200 random cuts (seed %i)', async (seed) => {
  const rig = randomCuts(seed, { count: cuts, chance: 0.15 })
  const server = await serve({ rig })
  const client = connectTo(server, { patience: { retryMaxMs: 4 } })
  const random = seeded(seed + 1000)
  const ids = Array.from({ length: jobs }, () => server.addJob().id)

  const seenOf = new Map(ids.map((id) => [id, [] as number[]]))
  const loops = ids.map(async (id) => {
    const seen = seenOf.get(id)!
    for await (const { seq } of client.events(id)) {
      seen.push(seq)
      if (random() < 0.02) await new Promise((resolve) => setTimeout(resolve, random() * 5))
    }
  })
  // Until all cuts have been made, the jobs have more to tell; not much more than is read, or it would take for ever.
  while (rig.left > 0) {
    for (const [id, seen] of seenOf) {
      if (server.jobs.get(id)!.log.length > seen.length + 30) continue
      for (let more = random() * 8; more > 0; more--) server.tell(id, progressed(1, 2))
    }
    await new Promise((resolve) => setTimeout(resolve, random() * 4))
  }
  for (const id of ids) server.tell(id, { type: 'finished', durationMs: 1 })
  await Promise.all(loops)
  for (const [id, seen] of seenOf) expect(seen).toEqual(server.jobs.get(id)!.log.map(({ seq }) => seq))
})

it('runs to the end through cuts of everything, answers of requests too', async () => {
  const rig = randomCuts(4, { count: 60, chance: 0.3 })
  const random = seeded(5)
  const server = await serve({
    rig,
    intercept: (request) => {
      const isCut = random() < 0.3
      if (isCut) request.socket.destroy()
      return isCut
    },
    onSubmitted: async (job) => {
      for (let at = 0; at < 40; at++) {
        await new Promise((resolve) => setTimeout(resolve, 2))
        server.tell(job.id, progressed(at, 40))
      }
      server.tell(job.id, { type: 'finished', durationMs: 1 })
    },
  })
  const client = connectTo(server, { patience: { retryMaxMs: 8, requestTries: 20 } })
  const logs: number[][] = []
  const runs = Array.from({ length: 8 }, (_, index) => {
    const log: number[] = []
    logs[index] = log
    return client.run({ name: 'mini' }, { onEvent: ({ seq }) => log.push(seq) })
  })
  for (const job of await Promise.all(runs)) expect(job.state).toBe('finished')
  expect(server.jobs.size).toBe(8)
  for (const log of logs) expect(log).toEqual(Array.from({ length: 42 }, (_, index) => index + 1))
  expect(await collect(client.jobs())).toHaveLength(1)
})
