// Runs jobs while server, workers, the processes of the models and the database are killed at random moments, follows them
// all with a client, and then looks whether anything was lost, doubled or computed twice.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { connect } from '@dreamgraph/client'
import { startPostgresql } from '../../apps/server/src/testing/postgresql.mjs'
import {
  childrenOf,
  freePort,
  kill,
  killProcess,
  startProcess,
  startServerProcess,
} from '../../apps/server/src/testing/processes.mjs'
import { jobOf } from './flows.mjs'
import { grain } from './grain.mjs'
import { inspect } from './inspect.mjs'

const examples = fileURLToPath(new URL('../../examples', import.meta.url))
/** Reconnects faster than people would like to see it. */
const patience = { retryFirstMs: 50, retryMaxMs: 500, pingMs: 3000, pongMs: 3000, steadyMs: 200 }
const workerProgram = 'worker/child.js'
const modelProgram = 'runtime/dist/child.js'

/**
 * Kills `kills` times over `jobs` jobs; moments and victims follow from `seed`. Returns figures, among them `faults`: one line
 * for everything that is not as it should be.
 */
export async function killRun({ kills, jobs, seed, workers = 1, withPostgresql = false, onLine = () => {} }) {
  const startedAtMs = Date.now()
  const folder = await mkdtemp(join(tmpdir(), 'dreamgraph-kill-'))
  const postgresql = withPostgresql ? await startPostgresql() : undefined
  const place = { data: join(folder, 'data'), home: join(folder, 'home'), port: await freePort(), workers }
  // Nothing that is killed here is a job's fault.
  const options = { ...place, libraries: [examples], databaseUrl: postgresql?.url, limits: { lostTries: 10_000 } }
  const log = join(folder, 'server.log')
  const random = randomNumbers(seed)
  const faults = []
  let server = await startServerProcess(options, log)
  const client = connect({ url: server.url, patience })
  const figures = { kills: {}, misses: 0, connections: 0, resubmitted: 0 }
  client.onConnection(({ status }) => {
    if (status === 'open') figures.connections++
  })
  const followed = new Map()
  let killed = 0
  let words = 0

  try {
    const { file } = await client.upload('grain.png', await grain())
    const failure = new AbortController()
    const submitting = submitAll().catch((error) => failure.abort(error))
    while (killed < kills) {
      failure.signal.throwIfAborted()
      // Most moments would be idle ones, as all starts anew after a kill; so most wait for jobs to have come somewhat further.
      const isAtRandom = random(4) === 0
      if (!isAtRandom) await untilHeard(1 + random(20))
      await sleep(random(isAtRandom ? 1500 : 300))
      const victim = pick(victims(), random)
      if (!(await victim.kill())) {
        figures.misses++
        continue
      }
      killed++
      figures.kills[victim.name] = (figures.kills[victim.name] ?? 0) + 1
      onLine(
        `${killed}/${kills} ${victim.name}; ${[...followed.values()].filter(({ isOver }) => isOver).length} jobs have ended`,
      )
    }
    await submitting
    failure.signal.throwIfAborted()
    await Promise.all([...followed.values()].map(({ over }) => over))
    const found = await inspect({ client, followed, faults })
    return { ...figures, ...found, faults, seconds: Math.round((Date.now() - startedAtMs) / 1000) }

    /** Some at first, then more as kills go by, so that there is always work; each until its submission is acknowledged. */
    async function submitAll() {
      for (let number = 0; number < jobs; number++) {
        while (number >= 3 && killed < kills && number / jobs > (killed + 1) / kills) await sleep(50)
        const { submission, ...expected } = jobOf(number, file)
        const id = crypto.randomUUID()
        for (;;) {
          try {
            await client.submit({ ...submission, id })
            break
          } catch (error) {
            if (!['client/unreachable', 'server/unavailable'].includes(error.code)) throw error
            figures.resubmitted++
          }
        }
        followed.set(id, follow(id, expected))
      }
    }
  } catch (error) {
    faults.push(`the run itself: ${error.stack}`)
    return { ...figures, faults, log, seconds: Math.round((Date.now() - startedAtMs) / 1000) }
  } finally {
    client.close()
    await killProcess(server.child)
    await postgresql?.stop()
    if (faults.length === 0) await rm(folder, { recursive: true, force: true })
  }

  /** Waits for so many words of running jobs, for a while. */
  async function untilHeard(count) {
    const enough = words + count
    for (const untilMs = Date.now() + 60_000; words < enough && Date.now() < untilMs; ) await sleep(20)
  }

  function follow(id, expected) {
    const job = { ...expected, events: [], isOver: false }
    job.over = (async () => {
      try {
        for await (const event of client.events(id)) {
          job.events.push(event)
          if (event.type.startsWith('node-') || event.type.startsWith('item-')) words++
        }
      } catch (error) {
        faults.push(`job ${id}: following ended with ${error.code ?? error.stack}: ${error.message}`)
      }
      job.isOver = true
    })()
    return job
  }

  function victims() {
    const ofWorkers = childrenOf(server.pid, workerProgram)
    const ofModels = ofWorkers.flatMap((pid) => childrenOf(pid, modelProgram))
    const list = [
      { name: 'server', weight: 3, kill: () => restart() },
      { name: 'server while it starts', weight: 1, kill: () => restart({ twice: true }) },
    ]
    if (ofWorkers.length > 0) list.push({ name: 'worker', weight: 3, kill: () => killOne(ofWorkers) })
    if (ofModels.length > 0) list.push({ name: 'models', weight: 6, kill: () => killOne(ofModels) })
    if (postgresql) {
      list.push(
        { name: 'connection', weight: 2, kill: () => postgresql.endConnection(random(100)) },
        { name: 'backend', weight: 1, kill: () => postgresql.killBackend(random(100)) },
        { name: 'postgresql', weight: 1, kill: () => postgresql.killAll() },
      )
    }
    return list
  }

  async function restart({ twice = false } = {}) {
    if (server.child.exitCode !== null)
      faults.push(`server: expected to live, got its end with ${server.child.exitCode}`)
    await killProcess(server.child)
    if (twice) {
      const child = startProcess(options, log)
      await sleep(random(4000))
      await killProcess(child)
    }
    await postgresql?.answers()
    server = await startServerProcess(options, log)
    return true
  }

  function killOne(pids) {
    return kill(pids[random(pids.length)])
  }
}

/** Numbers from 0 below a limit, the same for the same seed. */
function randomNumbers(seed) {
  let state = seed
  return (limit) => {
    state = (state * 1103515245 + 12345) % 2 ** 31
    return Math.floor((state / 2 ** 31) * limit)
  }
}

function pick(list, random) {
  const lots = list.flatMap((victim) => new Array(victim.weight).fill(victim))
  return lots[random(lots.length)]
}
