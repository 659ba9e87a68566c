import { afterAll, beforeAll, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { eventually } from '../testing/eventually.js'
import { finished } from '../testing/fake-worker.js'
import { openRig, type Rig } from '../testing/rig.js'
import { type ExampleClient, exampleClient } from './testing/example-client.js'
import { dreamoPrompt, pictureBytes, plainPrompt, upload } from './testing/prompts.js'

let rig: Rig
let headers: Record<'anna' | 'bert', Record<string, string>>
beforeAll(async () => {
  rig = await openRig()
  const header = async (name: string) => ({ authorization: `Bearer ${await rig.token(name, 'submit')}` })
  headers = { anna: await header('anna'), bert: await header('bert') }
}, 240_000)
afterAll(() => rig?.close(), 60_000)

const getJson = async (who: 'anna' | 'bert', path: string) =>
  (await fetch(rig.url + path, { headers: headers[who] })).json() as Promise<Record<string, unknown>>
const post = (who: 'anna' | 'bert', path: string, body: unknown) =>
  fetch(rig.url + path, { method: 'POST', headers: headers[who], body: JSON.stringify(body) })

test('without a token nobody gets in', async () => {
  for (const path of ['/queue', '/history', '/view?filename=x.png', '/object_info', '/system_stats', '/users']) {
    expect([path, (await fetch(rig.url + path)).status]).toEqual([path, 401])
  }
  expect((await fetch(`${rig.url}/prompt`, { method: 'POST', body: '{}' })).status).toBe(401)
  const socket = new WebSocket(`${rig.url.replace('http', 'ws')}/ws`)
  await expect(new Promise((_, reject) => socket.once('error', reject))).rejects.toThrow('401')
  const reader = { authorization: `Bearer ${await rig.token('reader', 'read')}` }
  const refused = await fetch(`${rig.url}/prompt`, { method: 'POST', headers: reader, body: '{}' })
  expect([refused.status, (await fetch(`${rig.url}/queue`, { headers: reader })).status]).toEqual([403, 200])
})

test('two submitters see, and touch, only their own', { timeout: 120_000 }, async () => {
  const clientId = 'the same for both'
  const [anna, bert] = await Promise.all([
    exampleClient(rig.url, { headers: headers.anna, clientId }),
    exampleClient(rig.url, { headers: headers.bert, clientId }),
  ])
  const picture = await upload(rig.url, { name: 'mini-robot.png', headers: headers.anna })
  const { prompt_id } = await anna.queue(dreamoPrompt([picture.name, picture.name]))
  expect((await post('bert', '/prompt', { prompt: dreamoPrompt([picture.name, picture.name]) })).status).toBe(400)
  expect((await post('bert', '/prompt', { prompt: plainPrompt(), prompt_id })).status).toBe(400)
  await post('bert', '/queue', { clear: true, delete: [prompt_id] })
  await post('bert', '/interrupt', { prompt_id })
  expect(await getJson('bert', '/queue')).toEqual({ queue_running: [], queue_pending: [] })
  const pending = (await getJson('anna', '/queue')).queue_pending as unknown[][]
  expect(pending.map(([, id]) => id)).toEqual([prompt_id])

  const worker = await rig.worker({ models: ['mini'] })
  const { lease } = await worker.get()
  await eventually(async () => ((await getJson('anna', '/queue')).queue_running as unknown[]).length === 1, 'running')
  worker.say(lease, { type: 'output', output: await madeBy({ file: 'tests/teapot-0001.png', node: 'save' }) })
  worker.say(lease, finished)
  await anna.wait(prompt_id)
  const images = await anna.images(prompt_id)
  expect(images['9']).toHaveLength(1)

  expect(await getJson('bert', `/history/${prompt_id}`)).toEqual({})
  expect(await getJson('bert', '/history')).toEqual({})
  await post('bert', '/history', { clear: true, delete: [prompt_id] })
  expect(Object.keys(await getJson('anna', '/history'))).toEqual([prompt_id])
  const place = new URLSearchParams({ filename: 'teapot-0001.png', subfolder: `${prompt_id}/tests`, type: 'output' })
  const statuses = (['anna', 'bert'] as const).map(async (who) => {
    return (await fetch(`${rig.url}/view?${place}`, { headers: headers[who] })).status
  })
  expect(await Promise.all(statuses)).toEqual([200, 404])
  expect(bert.texts.filter(({ type }) => type !== 'status')).toEqual([])

  // What is taken out of the history is only out of sight: its pictures stay, as ComfyUI's files do.
  await post('anna', '/history', { delete: [prompt_id] })
  expect(await getJson('anna', '/history')).toEqual({})
  expect((await fetch(`${rig.url}/view?${place}`, { headers: headers.anna })).status).toBe(200)
  for (const client of [anna, bert]) client.close()
  worker.close()
})

test('a run that a restart falls into is told to its end', { timeout: 120_000 }, async () => {
  const client = await exampleClient(rig.url, { headers: headers.anna, clientId: 'anna-1' })
  const worker = await rig.worker({ models: ['mini'] })
  const before = worker.given.length
  const { prompt_id } = await client.queue(plainPrompt())
  const { lease } = await worker.get(before)
  worker.say(lease, { type: 'node-started', node: 'sample' })
  await until(client, ({ type, data }) => type === 'executing' && data.node === '7')
  await rig.restart()
  const again = await exampleClient(rig.url, { headers: headers.anna, clientId: 'anna-1' })
  await until(again, ({ type, data }) => type === 'executing' && data.node === '7' && data.prompt_id === prompt_id)
  expect(again.texts[0]!.data.status).toEqual({ exec_info: { queue_remaining: 1 } })
  await worker.connect([lease])
  worker.say(lease, finished)
  await again.wait(prompt_id)
  expect(Object.keys(await getJson('anna', '/history'))).toContain(prompt_id)
  again.close()
})

const until = (client: ExampleClient, is: (text: ExampleClient['texts'][number]) => boolean) =>
  eventually(() => client.texts.some(is), 'message')

/** An output with bytes that the server has. */
async function madeBy(about: { file: string; node: string }) {
  const bytes = await pictureBytes('mini-robot.png')
  const digest = Buffer.from(await crypto.subtle.digest('SHA-256', new Uint8Array(bytes))).toString('hex')
  const stored = await rig.ask(`PUT /artifacts/${digest}`, { body: new Uint8Array(bytes) })
  if (stored.status >= 300) throw new Error(`artifact: ${stored.status} ${JSON.stringify(stored.body)}`)
  return { ...about, digest, mediaType: 'image/png', sizeBytes: bytes.byteLength }
}
