// node test/fuzz-server/main.mjs [--count 100000] [--seed 1]: the long run, with some attackers at once; prints what the server
// answered, and how slowly. Ends with 1 for a fault, an answer after more than a second, or a file outside the data folder.
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
/** Most of an attack is waiting for sockets that the server does not have to close. */
const attackers = 8
const part = Math.min(5000, total)
const hungMs = 1000
const faults = []
const statuses = {}
let slowestMs = 0
for (let done = 0; done < total; done += part) {
  const target = { url: server.url, token, ...good }
  const share = { count: Math.ceil(part / attackers) }
  const seeds = Array.from({ length: attackers }, (_, i) => Number(values.seed) + done + i * share.count)
  for (const result of await Promise.all(seeds.map((seed) => attack(target, { ...share, seed })))) {
    faults.push(...result.faults)
    for (const [status, count] of Object.entries(result.statuses)) statuses[status] = (statuses[status] ?? 0) + count
    slowestMs = Math.max(slowestMs, result.slowestMs)
  }
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
process.exit(faults.length + outside.length > 0 || slowestMs > hungMs ? 1 : 0)
