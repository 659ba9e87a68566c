// A server with a real worker in the test's own process, over a folder that goes away with the test.
import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Server, startServer } from '../../server.js'
import { runWorker } from '../../worker/worker.js'

export interface Place {
  readonly url: string
  /** host:port */
  readonly host: string
  /** Ends the server and its worker, and starts both anew over the same folder. */
  readonly restart: () => Promise<void>
  /** A token for a submitter of that name. */
  readonly token: (name: string) => Promise<string>
  readonly close: () => Promise<void>
}

const adminToken = 'a-token-for-the-tests'

/** `isOpen`: everybody on this machine may do everything, without tokens. */
export async function openPlace({ isOpen = true, workers = 1 } = {}): Promise<Place> {
  const folder = await mkdtemp(join(tmpdir(), 'dreamgraph-comfy-'))
  const auth: Record<string, string> = isOpen ? {} : { authorization: `Bearer ${adminToken}` }
  let server: Server
  let stop: () => Promise<void>

  const token = async (name: string, scope = 'submit'): Promise<string> => {
    const body = JSON.stringify({ name, scopes: [scope] })
    const response = await fetch(`${server.url}/v1/tokens`, { method: 'POST', headers: auth, body })
    return ((await response.json()) as { secret: string }).secret
  }
  const start = async () => {
    server = await startServer({
      ...{ data: join(folder, 'data'), home: join(folder, 'home'), port: 0, workers: 0, logLevel: 'silent' },
      ...(!isOpen && { token: adminToken }),
    })
    const stopping = new AbortController()
    const name = `worker-${randomUUID().slice(0, 8)}`
    const options = { url: server.url, token: await token(name, 'worker'), name, home: join(folder, 'home') }
    const running = workers > 0 ? runWorker({ ...options, onLog: () => {} }, stopping.signal) : Promise.resolve()
    stop = async () => {
      stopping.abort()
      await running
      await server.close()
    }
  }
  await start()
  return {
    get url() {
      return server.url
    },
    get host() {
      return new URL(server.url).host
    },
    async restart() {
      await stop()
      await start()
    },
    token: (name) => token(name),
    async close() {
      await stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
