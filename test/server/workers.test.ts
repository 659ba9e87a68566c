// Three workers with homes of their own, one of them killed in the middle of a job: another takes it over and computes
// nothing again that was finished, for the results are with the server.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect, type JobEvent } from '@dreamgraph/client'
import { expect, test } from 'vitest'
import { freePort, killProcess, startProcess, startServerProcess } from '../../apps/server/src/testing/processes.mjs'
import { pictureFlow } from './flows.mjs'
import { grain } from './grain.mjs'

test('a killed worker’s job goes on at another, and finished nodes are not computed again', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'dreamgraph-workers-'))
  const log = join(folder, 'log')
  const admin = 'a-token-for-everything'
  const place = { data: join(folder, 'data'), port: await freePort(), workers: 0, token: admin, graceMs: 500 }
  const server = await startServerProcess(place, log)
  const client = connect({ url: server.url, token: admin })
  const { secret: token } = await client.call('addToken', { body: { name: 'workers', scopes: ['worker'] } })
  const names = ['one', 'two', 'three']
  const workers = new Map(
    names.map((name) => {
      const about = { url: server.url, token, name, home: join(folder, name), shareResults: true, device: 'cpu' }
      return [name, startProcess({ worker: about }, log)]
    }),
  )
  try {
    const { file } = await client.upload('grain.png', await grain())
    const { id } = await client.submit({ workflow: pictureFlow(file, 7), retryLimit: 0 })
    const events: JobEvent[] = []
    const killed: string[] = []
    for await (const event of client.events(id)) {
      events.push(event)
      if (killed.length > 0 || event.type !== 'node-finished' || event.node !== 'larger') continue
      const { worker } = await client.call('job', { params: { job: id } })
      killed.push(worker!)
      await killProcess(workers.get(worker!)!)
    }
    const { outputs, worker, state, attempt } = await client.call('job', { params: { job: id } })
    expect({ state, attempt }).toEqual({ state: 'finished', attempt: 2 })
    expect(killed).toHaveLength(1)
    expect(killed).not.toContain(worker)
    expect(outputs.filter((output) => output.file)).toHaveLength(6)

    const again = events.findLastIndex(({ type }) => type === 'started')
    const nodes = (from: number, to: number, type: string) =>
      events.slice(from, to).flatMap((event) => ('node' in event && event.type === type ? [event.node] : []))
    const finished = nodes(0, again, 'node-finished').filter((node) => node !== 'widths') // quick: never kept
    expect(finished).toEqual(expect.arrayContaining(['load', 'large', 'larger']))
    expect(nodes(again, events.length, 'node-finished').filter((node) => finished.includes(node))).toEqual([])
    expect(nodes(again, events.length, 'node-cached')).toEqual(expect.arrayContaining(['larger']))
  } finally {
    client.close()
    for (const worker of workers.values()) await killProcess(worker)
    await killProcess(server.child)
    await rm(folder, { recursive: true, force: true })
  }
}, 300_000)
