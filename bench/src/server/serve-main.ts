// The server that is measured, with limits that a load does not reach.
import { startServer } from '@dreamgraph/server'

const { data, token } = JSON.parse(process.env.BENCH_SERVER!) as { data: string; token: string }
const server = await startServer({
  data,
  token,
  port: 0,
  workers: 0,
  home: data,
  logLevel: 'error',
  limits: { requestsPerMinute: 10_000_000, clients: 20_000 },
})
console.log(server.url)
// Memory in use, once garbage is gone. Not what is resident: freed pages stay, and hide what comes next.
process.on('message', () => {
  globalThis.gc!()
  globalThis.gc!()
  const { heapUsed, external } = process.memoryUsage()
  process.send!(heapUsed + external)
})
process.on('SIGTERM', () => void server.close().then(() => process.exit(0)))
