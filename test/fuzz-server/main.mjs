// node test/fuzz-server/main.mjs [--count 100000] [--seed 1]: the long run; prints what the server answered, and how slowly.
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { startServer } from '@dreamgraph/server'
import { attack } from './attack.mjs'
import { goodThings } from './good-things.mjs'

const { values } = parseArgs({
  options: { count: { type: 'string', default: '100000' }, seed: { type: 'string', default: '1' } },
})
const folder = await mkdtemp(join(tmpdir(), 'dreamgraph-fuzz-'))
const token = 'fuzz'
const server = await startServer({
  data: join(folder, 'data'),
  home: join(folder, 'home'),
  ...{ token, port: 0, workers: 0, logLevel: 'error', limits: { requestsPerMinute: 1e9, queuedJobs: 1e6 } },
})
const good = await goodThings()
const total = Number(values.count)
const part = Math.min(5000, total)
const faults = []
const statuses = {}
let slowestMs = 0
for (let done = 0; done < total; done += part) {
  const result = await attack({ url: server.url, token, ...good }, { count: part, seed: Number(values.seed) + done })
  faults.push(...result.faults)
  for (const [status, count] of Object.entries(result.statuses)) statuses[status] = (statuses[status] ?? 0) + count
  slowestMs = Math.max(slowestMs, result.slowestMs)
  console.error(`${done + part} sent, ${faults.length} faults, slowest ${slowestMs.toFixed(0)} ms`)
}
const outside = (await readdir(folder)).filter((name) => name !== 'data' && name !== 'home')
console.log(
  JSON.stringify(
    { sent: total, statuses, faults: faults.slice(0, 20), slowestMs: Math.round(slowestMs), outside },
    null,
    2,
  ),
)
await server.close()
await rm(folder, { recursive: true, force: true })
process.exit(faults.length + outside.length > 0 ? 1 : 0)
