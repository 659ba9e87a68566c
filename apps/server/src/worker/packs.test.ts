import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { adminToken, openRig, type Rig } from '../testing/rig.js'
import { runWorker } from './worker.js'

const examples = fileURLToPath(new URL('../../../../examples', import.meta.url))
const pack = join(examples, 'packs/posterize')
const stopping = new AbortController()
let rig: Rig
let worker: Promise<void> | undefined

beforeAll(async () => {
  rig = await openRig({ packs: [pack] })
})

afterAll(async () => {
  stopping.abort()
  await worker
  await rig.close()
})

it('gives jobs with nodes of a pack to a worker that has it, and to no other', async () => {
  const nodes = (await rig.ask<{ nodes: { type: string }[] }>('GET /nodes')).body.nodes.map(({ type }) => type)
  expect(nodes).toContain('posterize/posterize')
  const without = await rig.worker({ models: ['mini'], isEager: true })
  const picture = await readFile(join(examples, 'pictures/mini-robot.png'))
  const upload = await fetch(`${rig.url}/v1/uploads?name=robot.png`, {
    method: 'POST',
    body: new Uint8Array(picture),
    headers: { authorization: `Bearer ${adminToken}` },
  })
  const { file } = (await upload.json()) as { file: string }
  const workflow = {
    dreamgraph: 2,
    nodes: {
      load: { type: 'image/load', params: { file } },
      few: { type: 'posterize/posterize', params: { levels: 2 } },
      save: { type: 'image/save', params: { name: 'few' } },
    },
    links: [
      { from: { node: 'load', socket: 'image' }, to: { node: 'few', socket: 'image' } },
      { from: { node: 'few', socket: 'image' }, to: { node: 'save', socket: 'image' } },
    ],
  }
  const job = await rig.submit({ workflow })
  const { body: queue } = await rig.ask<{ unservable: string[] }>('GET /queue')
  expect(queue.unservable).toEqual([job.id])
  expect(without.given).toEqual([])

  const home = join(rig.folder, 'worker')
  const settings = { url: rig.url, token: adminToken, name: 'with-pack', device: 'cpu', home, packs: [pack] }
  worker = runWorker({ ...settings, onLog: () => {} }, stopping.signal)
  const done = await rig.until(job.id, ({ state }) => state === 'finished')
  expect(done.worker).toBe('with-pack')
  expect(done.outputs).toEqual([expect.objectContaining({ file: 'few-0001.png', mediaType: 'image/png', width: 64 })])
}, 60_000)
