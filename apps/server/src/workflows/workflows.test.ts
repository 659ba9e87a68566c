// Saved workflows: byte for byte, every revision, and two who save over each other lose nothing.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openRig, type Rig, startMs } from '../testing/rig.js'

let rig: Rig

beforeAll(async () => {
  rig = await openRig()
}, startMs)
afterAll(() => rig.close())

const textOf = (note: string) => `{\n  "dreamgraph": 2, "name": "mine", "x-note": "${note}",\n  "nodes": {}\n}\n`
const save = (note: string, base: number, name = 'cats/tom') =>
  rig.ask(`PUT /workflows/${encodeURIComponent(name)}`, { body: { text: textOf(note), base } })
const read = (query = '') => rig.ask<{ text: string; head: number }>(`GET /workflows/cats%2Ftom${query}`)

test('a stale save is refused and kept beside the other', async () => {
  expect(await save('one', 0)).toMatchObject({ status: 200, body: { revision: { revision: 1 } } })
  expect(await save('two', 1)).toMatchObject({ status: 200, body: { revision: { revision: 2 } } })
  const stale = await save('mine', 1)
  expect(stale).toMatchObject({
    status: 409,
    body: {
      code: 'workflow/stale',
      details: { head: { revision: 2 }, kept: { revision: 3, conflict: true, base: 1 } },
    },
  })
  expect((await read()).body).toMatchObject({ text: textOf('two'), head: 2 })
  expect((await read('?revision=3')).body.text).toBe(textOf('mine'))
  const { body } = await rig.ask<{ items: { revision: number }[] }>('GET /workflows/cats%2Ftom/revisions')
  expect(body.items.map(({ revision }) => revision)).toEqual([3, 2, 1])
})

test('two who save at once: one is the head, the other is kept', async () => {
  const answers = await Promise.all(['a', 'b', 'c'].map((note) => save(note, 0, 'at once')))
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409])
  const { body } = await rig.ask<{ items: object[] }>('GET /workflows/at%20once/revisions')
  expect(body.items).toHaveLength(3)
})

test('saving what is there already changes nothing, and a job may name a revision', async () => {
  expect(await save('two', 1)).toMatchObject({ status: 200, body: { revision: { revision: 2 } } })
  const job = await rig.ask<{ id: string }>('POST /jobs', { body: { name: 'cats/tom', revision: 1 } })
  expect(job.status).toBe(201)
  expect((await rig.ask(`GET /jobs/${job.body.id}/workflow`)).body).toMatchObject({ workflow: textOf('one') })
})

test('what is no workflow is not saved; a removed one is gone', async () => {
  const refused = await rig.ask('PUT /workflows/odd', { body: { text: '{"nodes": 3}', base: 0 } })
  expect(refused).toMatchObject({ status: 400, body: { code: 'workflow/invalid' } })
  expect((await rig.ask('DELETE /workflows/at%20once')).status).toBe(204)
  expect((await rig.ask('GET /workflows/at%20once')).status).toBe(404)
})
