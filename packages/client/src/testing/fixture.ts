/** Servers and clients that a test opens, closed behind it; and short waits, so that tests of long ones are quick. */
import type { Job, JobEventBody } from '@dreamgraph/protocol'
import { afterEach } from 'vitest'
import type { Client, ConnectOptions, Patience } from '../index.js'
import { connect } from '../node.js'
import { startServer, type TestServer, type TestServerOptions } from './server.js'

export const hasty: Partial<Patience> = { retryFirstMs: 2, retryMaxMs: 20, lingerMs: 30 }

const open: { stop(): unknown }[] = []
afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.stop()
})

export async function serve(options?: TestServerOptions): Promise<TestServer> {
  const server = await startServer(options)
  open.push(server)
  return server
}

export function connectTo({ url }: { readonly url: string }, options: Partial<ConnectOptions> = {}): Client {
  const client = connect({ url, ...options, patience: { ...hasty, ...options.patience } })
  open.push({ stop: () => client.close() })
  return client
}

/** A log from the start of a run to its end, with so many progress events between. */
export function writeLog(server: TestServer, job: Job, progress: number): void {
  server.tell(job.id, { type: 'started', worker: 'w', attempt: 1 })
  for (let done = 1; done <= progress; done++) server.tell(job.id, progressed(done, progress))
  server.tell(job.id, { type: 'finished', durationMs: 1 })
}

export const progressed = (done: number, total: number): JobEventBody => ({
  type: 'node-progress',
  node: 'n',
  done,
  total,
})

/** Waits until something is so. */
export async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 2))
}

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}
