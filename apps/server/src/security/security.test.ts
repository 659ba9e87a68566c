// Who gets in, and what each may see: real requests over a real server.
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { request } from 'node:http'
import { eventsPath, workerPath } from '@dreamgraph/protocol'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { startServer } from '../server.js'
import { finished } from '../testing/fake-worker.js'
import { openRig, type Rig, smallFlow, startMs } from '../testing/rig.js'

let rig: Rig
let ann: string
let bob: string

beforeAll(async () => {
  rig = await openRig({ hosts: ['gpu.example'], origins: ['http://editor.example'] })
  ann = await rig.token('ann', 'submit')
  bob = await rig.token('bob', 'submit')
}, startMs)
afterAll(() => rig.close())

/** Status of a request with headers of one's own; `fetch` does not let Host be set. */
async function statusOf(headers: Record<string, string>, path = '/v1/health'): Promise<number> {
  const asked = request(rig.url + path, { headers }).end()
  const [response] = await once(asked, 'response')
  response.resume()
  return response.statusCode
}

describe('places', () => {
  test.each([
    [{}, 200],
    [{ host: 'localhost:7860' }, 200],
    [{ host: 'gpu.example' }, 200],
    [{ host: 'gpu.example:80' }, 200],
    [{ host: 'evil.example' }, 403],
    [{ host: '127.0.0.1.evil.example' }, 403],
    [{ host: '127.0.0.1', origin: 'http://127.0.0.1' }, 200],
    [{ host: '127.0.0.1', origin: 'http://evil.example' }, 403],
    [{ host: '127.0.0.1', origin: 'null' }, 403],
    [{ origin: 'http://editor.example' }, 200],
    [{ 'sec-fetch-site': 'cross-site' }, 403],
    [{ 'sec-fetch-site': 'same-origin' }, 200],
    [{ 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }, 200],
    [{ 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' }, 403],
    [{ 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' }, 403],
  ] as const)('headers %j are answered with %i', async (headers, status) => {
    expect(await statusOf({ ...headers })).toBe(status)
  })

  test.each(['/v1/jobs?search=%00', '/v1/jobs?cursor=a%00', '/v1/workflows/a%00b', '/view?filename=%00'])(
    'an address with a NUL is refused: %s',
    async (path) => expect(await statusOf({}, path)).toBe(400),
  )

  test.each([eventsPath, workerPath])('a page elsewhere cannot open %s', async (path) => {
    const origin = 'http://evil.example'
    const socket = new WebSocket(rig.url.replace('http', 'ws') + path, { headers: { origin } })
    const [error] = await once(socket, 'error')
    expect(String(error)).toContain('403')
  })
})

describe('tokens', () => {
  test('are needed, valid and good for what is asked', async () => {
    const reader = await rig.token('reader', 'read')
    const statuses = async (token: string | null) => [
      (await rig.ask('GET /health', { token })).status,
      (await rig.ask('GET /jobs', { token })).status,
      (await rig.ask('POST /queue/pause', { token })).status,
    ]
    expect(await statuses(null)).toEqual([200, 401, 401])
    expect(await statuses('dg_wrong')).toEqual([401, 401, 401])
    expect(await statuses(reader)).toEqual([200, 200, 403])
    expect((await rig.ask('POST /jobs', { token: reader, body: {} })).status).toBe(403)
    expect((await rig.ask('POST /tokens', { token: ann, body: { name: 'x', scopes: ['admin'] } })).status).toBe(403)
  })

  test('end by their time and by being removed', async () => {
    const body = { name: 'short', scopes: ['read'], expiresAtMs: Date.now() + 600 }
    const { secret } = (await rig.ask<{ secret: string }>('POST /tokens', { body })).body
    expect((await rig.ask('GET /jobs', { token: secret })).status).toBe(200)
    await new Promise((resolve) => setTimeout(resolve, 700))
    expect((await rig.ask('GET /jobs', { token: secret })).status).toBe(401)
    const other = await rig.token('gone', 'read')
    expect((await rig.ask('DELETE /tokens/gone')).status).toBe(204)
    expect((await rig.ask('GET /jobs', { token: other })).status).toBe(401)
  })

  test('take with them what they have opened, and leave to admins what they have scheduled', async () => {
    const name = 'leaver'
    const token = await rig.token(name, 'submit')
    const schedule = { cron: '0 4 * * *', timeZone: 'UTC', name: 'nightly', inputs: {} }
    const put = () => rig.ask('PUT /schedules/night', { token, body: schedule })
    expect((await put()).status).toBe(404)
    await rig.ask('PUT /workflows/nightly', { token, body: { text: JSON.stringify(smallFlow), base: 0 } })
    expect((await put()).status).toBe(200)

    const { socket } = await rig.socket(token)
    const comfy = new WebSocket(`${rig.url.replace('http', 'ws')}/ws`, {
      headers: { authorization: `Bearer ${token}` },
    })
    await once(comfy, 'open')
    const bringer = new WebSocket(rig.url.replace('http', 'ws') + workerPath, {
      headers: { authorization: `Bearer ${await rig.token('leaving worker', 'worker')}` },
    })
    await once(bringer, 'open')
    const closes = [socket, comfy, bringer].map((open) => once(open, 'close'))
    for (const gone of [name, 'leaving%20worker']) await rig.ask(`DELETE /tokens/${gone}`)
    expect((await Promise.all(closes)).map(([code]) => code)).toEqual([4401, 4401, 4401])

    const listed = async () => (await rig.ask<{ items: object[] }>('GET /schedules')).body.items
    expect(await listed()).toEqual([expect.objectContaining({ id: 'night', owner: name })])
    expect((await rig.ask('DELETE /schedules/night', { token: ann })).status).toBe(404)
    expect((await rig.ask('DELETE /schedules/night?owner=leaver')).status).toBe(204)
    expect(await listed()).toEqual([])
  })

  test('take with them what they have opened when their time is over, too', async () => {
    const body = { name: 'brief', scopes: ['read'], expiresAtMs: Date.now() + 800 }
    const { secret } = (await rig.ask<{ secret: string }>('POST /tokens', { body })).body
    const { socket } = await rig.socket(secret)
    const [code] = await once(socket, 'close')
    expect(code).toBe(4401)
  })

  test('are not stored, and not told again', async () => {
    const secret = await rig.token('secret', 'read')
    const { body } = await rig.ask<{ items: object[] }>('GET /tokens')
    expect(JSON.stringify(body)).not.toContain(secret)
    expect(body.items).toContainEqual(expect.objectContaining({ name: 'secret', scopes: ['read'] }))
    expect((await rig.ask('POST /tokens', { body: { name: 'secret', scopes: ['read'] } })).status).toBe(400)
  })

  test('let no worker in without its scope, and no client as a worker', async () => {
    for (const headers of [{}, { authorization: `Bearer ${ann}` }]) {
      const socket = new WebSocket(rig.url.replace('http', 'ws') + workerPath, { headers })
      const [error] = await once(socket, 'error')
      expect(String(error)).toMatch(/40[13]/)
    }
    const worker = await rig.token('only worker', 'worker')
    expect((await rig.ask('POST /jobs', { token: worker, body: {} })).status).toBe(403)
    expect((await rig.ask(`PUT /cache/${'0'.repeat(64)}`, { token: ann, body: Uint8Array.of(1) })).status).toBe(403)
  })

  test('may come in the first frame, and nothing is told before', async () => {
    const open = async () => {
      const socket = new WebSocket(rig.url.replace('http', 'ws') + eventsPath)
      await once(socket, 'open')
      return socket
    }
    const first = await open()
    first.send(JSON.stringify({ type: 'token', token: ann }))
    const [welcome] = await once(first, 'message')
    expect(JSON.parse(String(welcome))).toMatchObject({ type: 'welcome', submitter: 'ann' })
    first.close()
    for (const frame of [{ type: 'follow-jobs' }, { type: 'token', token: 'wrong' }]) {
      const socket = await open()
      socket.send(JSON.stringify(frame))
      const [code] = await once(socket, 'close')
      expect(code).toBe(4401)
    }
  })
})

test('a body of nobody is refused before it has arrived', async () => {
  const headers = { 'content-length': `${32 * 2 ** 20}` }
  for (const path of ['/v1/uploads?name=a.png', '/upload/image']) {
    const asked = request(rig.url + path, { method: 'POST', headers })
    asked.on('error', () => {}) // what is left of it is not wanted
    asked.write(Buffer.alloc(1000))
    const [response] = await once(asked, 'response')
    expect(response.statusCode).toBe(401)
    asked.destroy()
  }
})

test('another method than a path has is told which it has', async () => {
  const asked = await fetch(`${rig.url}/v1/jobs/0`, { method: 'PATCH' })
  expect([asked.status, asked.headers.get('allow')]).toEqual([405, 'GET, DELETE'])
  expect(await asked.json()).toMatchObject({ code: 'request/method' })
  expect((await rig.ask('GET /nothing')).status).toBe(404)
})

describe('sessions', () => {
  /** Signs in and keeps the cookie as a browser does, without what the server said of it. */
  async function signIn(token: string): Promise<{ status: number; cookie: string; said: string }> {
    const body = JSON.stringify({ token })
    const response = await fetch(`${rig.url}/v1/session`, { method: 'POST', body })
    const said = response.headers.get('set-cookie') ?? ''
    return { status: response.status, cookie: said.split(';')[0]!, said }
  }

  test('carry the token in a cookie that no script can read and no other site makes use of', async () => {
    const { status, cookie, said } = await signIn(ann)
    expect(status).toBe(200)
    expect(said).toMatch(/^dreamgraph-\d+=/)
    for (const word of ['HttpOnly', 'SameSite=Strict', 'Path=/']) expect(said).toContain(word)
    expect(said).not.toContain('Secure')
    expect(await statusOf({ cookie }, '/v1/jobs')).toBe(200)
    expect(await statusOf({ cookie }, '/v1/tokens')).toBe(403)
    expect(await statusOf({ cookie, origin: 'http://evil.example' }, '/v1/jobs')).toBe(403)
    const socket = new WebSocket(rig.url.replace('http', 'ws') + eventsPath, { headers: { cookie } })
    const [welcome] = await once(socket, 'message')
    expect(JSON.parse(String(welcome))).toMatchObject({ type: 'welcome', submitter: 'ann' })
    socket.close()
  })

  test('stay on encrypted connections once they begin on one', async () => {
    const host = new URL(rig.url).host
    const given = { method: 'POST', body: JSON.stringify({ token: ann }), headers: { origin: `https://${host}` } }
    const response = await fetch(`${rig.url}/v1/session`, given)
    expect(response.headers.get('set-cookie')).toContain('Secure')
  })

  test('begin with a valid token only', async () => {
    expect(await signIn('dg_wrong')).toMatchObject({ status: 401, said: '' })
    expect((await rig.ask('POST /session', { body: {}, token: null })).status).toBe(400)
  })

  test('end with the token, and then let sign in anew', async () => {
    const { cookie } = await signIn(await rig.token('guest', 'read'))
    expect(await statusOf({ cookie }, '/v1/jobs')).toBe(200)
    await rig.ask('DELETE /tokens/guest')
    expect(await statusOf({ cookie }, '/v1/jobs')).toBe(401)
    expect(await statusOf({ cookie }, '/v1/health')).toBe(200)
    const given = { headers: { cookie }, body: { token: ann }, token: null }
    expect((await rig.ask('POST /session', given)).status).toBe(200)
  })

  test('end by signing out', async () => {
    const response = await fetch(`${rig.url}/v1/session`, { method: 'DELETE' })
    expect(response.status).toBe(204)
    expect(response.headers.get('set-cookie')).toMatch(/^dreamgraph-\d+=; Max-Age=0/)
  })

  test('of another port are not read', async () => {
    const { cookie } = await signIn(ann)
    expect(await statusOf({ cookie: cookie.replace(/-\d+/, '-1') }, '/v1/jobs')).toBe(401)
  })
})

test('a submitter sees and changes nothing of another', async () => {
  const { id } = await rig.submit({ title: 'of ann' }, ann)
  const worker = await rig.worker()
  const { lease } = await worker.get()
  const bytes = new TextEncoder().encode('a picture of ann')
  const digest = createHash('sha256').update(bytes).digest('hex')
  const secret = await rig.token('bringer', 'worker')
  await rig.ask(`PUT /artifacts/${digest}`, { body: bytes, token: secret })
  worker.say(lease, { type: 'output', output: { file: 'ann.png', digest, mediaType: 'image/png', sizeBytes: 16 } })
  worker.say(lease, finished)
  await rig.until(id, ({ state }) => state === 'finished')

  const requests = [`GET /jobs/${id}`, `GET /jobs/${id}/events`, `GET /jobs/${id}/workflow`, `GET /artifacts/${digest}`]
  const changes = ['cancel', 'pause', 'resume', 'retry'].map((word) => `POST /jobs/${id}/${word}`)
  const statuses = (token: string | undefined, list: readonly string[]) =>
    Promise.all(list.map(async (asked) => (await rig.ask(asked, { token })).status))
  expect(await statuses(ann, requests)).toEqual([200, 200, 200, 200])
  expect(await statuses(undefined, requests)).toEqual([200, 200, 200, 200]) // the admin
  expect(await statuses(bob, [...requests, ...changes, `DELETE /jobs/${id}`])).toEqual(new Array(9).fill(404))
  const listed = await rig.ask<{ items: object[] }>('GET /jobs', { token: bob })
  expect(listed.body.items).toEqual([])
})

test('a server does not start with a token that no request could bring, nor without one where others reach it', async () => {
  const place = { data: rig.folder, workers: 0, logLevel: 'silent' } as const
  const reached = { token: undefined, hosts: ['studio.example:80'] }
  for (const options of [{ token: 'with space' }, { token: '' }, { host: '0.0.0.0' }, reached]) {
    await expect(startServer({ ...place, ...options })).rejects.toMatchObject({ code: 'server/bad-option' })
  }
})

describe('limits', () => {
  test(
    'of requests count for each who asks, and not what workers bring',
    async () => {
      const narrow = await openRig({ limits: { requestsPerMinute: 20 } })
      try {
        const [one, two] = [await narrow.token('one', 'read'), await narrow.token('two', 'read')]
        const worker = await narrow.token('worker', 'worker')
        const statusesOf = async (token: string | null) => {
          const asked = Array.from({ length: 21 }, () => narrow.ask('GET /health', { token }))
          return (await Promise.all(asked)).map(({ status }) => status)
        }
        expect((await statusesOf(one)).filter((status) => status === 429)).toHaveLength(1)
        expect((await narrow.ask('GET /jobs', { token: two })).status).toBe(200)
        expect((await statusesOf(null)).filter((status) => status === 429)).toHaveLength(1)
        expect(await statusesOf(worker)).toEqual(new Array(21).fill(200))
      } finally {
        await narrow.close()
      }
    },
    startMs,
  )
})
