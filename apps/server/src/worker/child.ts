// The process of a worker that a server has started. Its settings come with the environment; it ends with its server.
import type { QuantizeScheme } from '@dreamgraph/dreamo'
import { runWorker } from './worker.js'

interface ChildSettings {
  readonly url: string
  readonly token: string
  readonly name: string
  readonly device?: string
  readonly quantize?: QuantizeScheme
  readonly home: string
  readonly packs: readonly string[]
}

const settings = JSON.parse(process.env.DREAMGRAPH_WORKER ?? '{}') as ChildSettings
delete process.env.DREAMGRAPH_WORKER // no further process needs to know the token
const stopping = new AbortController()
process.on('disconnect', () => process.exit(1)) // the server is gone, and may have been killed
process.on('message', (message) => {
  if (message === 'stop') stopping.abort()
})
// Ctrl-C in a terminal reaches all processes at once; the server says when.
process.on('SIGINT', () => {})
await runWorker({ ...settings, onLog: (line) => process.stderr.write(`${line}\n`) }, stopping.signal)
process.exit(0)
