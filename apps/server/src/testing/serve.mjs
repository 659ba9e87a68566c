// A server, or a worker, as a process of its own, so that it can be killed. Its options come as JSON in the first argument.
import { runWorker, startServer } from '@dreamgraph/server'

const { worker, ...options } = JSON.parse(process.argv[2])
const stop = new AbortController()
process.on('disconnect', () => process.exit(1)) // whoever started it is gone
process.on('SIGTERM', () => stop.abort())

if (worker) {
  await runWorker({ ...worker, onLog: (line) => process.stderr.write(`${line}\n`) }, stop.signal)
  process.exit(0)
}
const server = await startServer(options)
process.send?.({ url: server.url })
stop.signal.addEventListener('abort', () => server.close().then(() => process.exit(0)))
