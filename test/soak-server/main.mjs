// node test/soak-server/main.mjs [--minutes 60] [--out FOLDER]: the small model at its full rate, job after job, and what memory
// does meanwhile. Writes memory.csv and memory.svg; ends with 1 when the last minutes take over 5 % more than those after
// the tenth (or after a sixth of a shorter run).
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { connect } from '@dreamgraph/client'
import { startServer } from '@dreamgraph/server'
import { memoryPlot } from './memory-plot.mjs'

const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '60' }, out: { type: 'string', default: 'out/soak' } },
})
const minutes = Number(values.minutes)
const settledMinutes = Math.min(10, minutes / 6)
const allowed = 1.05
/** Jobs that wait, so that the worker never does. */
const ahead = 3
const sampleMs = 5000

const folder = await mkdtemp(join(tmpdir(), 'dreamgraph-soak-'))
const server = await startServer({
  data: join(folder, 'data'),
  home: join(folder, 'home'),
  ...{ port: 0, workers: 1, device: 'cpu', logLevel: 'error' },
  libraries: [new URL('../../examples', import.meta.url).pathname],
})
const client = connect({ url: server.url })
const endsAt = Date.now() + minutes * 60_000
let finished = 0
let seed = 0

async function work() {
  while (Date.now() < endsAt) {
    await client.run({ name: 'templates/mini', inputs: { seed: `${seed++}` } }, { onPreview: () => {} })
    finished++
  }
}

/** Resident memory of a process, MiB. */
async function residentMib(pid) {
  const text = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(text)?.[1] ?? 0) / 1024
}

async function childrenOf(pid) {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '')
  return text.trim().split(' ').filter(Boolean).map(Number)
}

const samples = []
async function watch() {
  const startedAt = Date.now()
  while (Date.now() < endsAt) {
    const workers = server.workerPids()
    const models = (await Promise.all(workers.map(childrenOf))).flat()
    const sum = async (pids) => (await Promise.all(pids.map(residentMib))).reduce((a, b) => a + b, 0)
    const minute = (Date.now() - startedAt) / 60_000
    samples.push({
      minute,
      server: await residentMib(process.pid),
      worker: await sum(workers),
      models: await sum(models),
    })
    await new Promise((resolve) => setTimeout(resolve, sampleMs))
  }
}

await Promise.all([watch(), ...Array.from({ length: ahead }, work)])
const totalAt = (from, to) => {
  const part = samples
    .filter(({ minute }) => minute >= from && minute < to)
    .map(({ server, worker, models }) => server + worker + models)
  return part.reduce((a, b) => a + b, 0) / part.length
}
const window = Math.max(0.5, minutes / 20)
const before = totalAt(settledMinutes, settledMinutes + window)
const after = totalAt(minutes - window, minutes)
await mkdir(values.out, { recursive: true })
const rows = samples.map(({ minute, server, worker, models }) =>
  [minute, server, worker, models].map((x) => x.toFixed(2)).join(','),
)
await writeFile(join(values.out, 'memory.csv'), `minute,server MiB,worker MiB,models MiB\n${rows.join('\n')}\n`)
await writeFile(join(values.out, 'memory.svg'), memoryPlot(samples))
const growth = after / before
console.log(
  `${finished} pictures in ${minutes} min; memory ${before.toFixed(0)} MiB after ${settledMinutes.toFixed(1)} min, ` +
    `${after.toFixed(0)} MiB at the end: ${((growth - 1) * 100).toFixed(1)} %`,
)
client.close()
await server.close()
await rm(folder, { recursive: true, force: true })
process.exit(growth <= allowed ? 0 : 1)
