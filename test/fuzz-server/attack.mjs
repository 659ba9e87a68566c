// Bad requests, frames, documents and files at a server, and what came of them. The server is judged by whoever calls.
import { connect } from 'node:net'
import { routes } from '@dreamgraph/protocol'
import { WebSocket } from 'ws'
import { randomSource } from './random.mjs'

/** Longest that an answer may take before it counts as hung. */
const hungMs = 10_000

/**
 * Sends `count` bad things. Resolves with how many answers there were by status, what was wrong (a 500, a hang, a broken
 * connection where an answer is due), and the slowest answer.
 */
export async function attack(target, { count, seed }) {
  const random = randomSource(seed)
  const statuses = new Map()
  const faults = []
  let slowestMs = 0
  const kinds = [request, request, request, document, document, file, frames, raw]
  for (let i = 0; i < count; i++) {
    const kind = random.pick(kinds)
    const startMs = performance.now()
    let outcome
    try {
      outcome = await kind(target, random)
    } catch (error) {
      outcome = { fault: `${kind.name} ${i}: ${error.message} ${error.cause?.message ?? ''}` }
    }
    slowestMs = Math.max(slowestMs, performance.now() - startMs)
    statuses.set(outcome.status, (statuses.get(outcome.status) ?? 0) + 1)
    if (outcome.status === 500) faults.push(`${kind.name} ${i}: 500 for ${outcome.what}`)
    if (outcome.fault) faults.push(outcome.fault)
  }
  return { statuses: Object.fromEntries([...statuses].sort()), faults, slowestMs }
}

/** One of our routes with odd values in all its places. */
async function request({ url, token, documents }, random) {
  const route = random.pick(Object.values(routes))
  const path = route.path.replace(/:\w+/g, () => encodeURIComponent(wellFormed(random.text())) || '-')
  const query = random.chance(0.4) ? `?${random.pick(queryNames)}=${encodeURIComponent(wellFormed(random.text()))}` : ''
  const method = random.chance(0.8)
    ? route.method
    : random.pick(['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'HEAD'])
  const hasBody = method !== 'GET' && method !== 'HEAD'
  const body = hasBody ? random.pick(bodies)(random, documents) : undefined
  return send(`${url}/v1${path}${query}`, { method, body, headers: headers(token, random) })
}

async function document({ url, token, documents }, random) {
  let workflow = random.pick(documents)
  for (let i = random.int(4); i >= 0; i--) workflow = random.damage(workflow)
  const inputs = random.chance(0.3) ? random.json() : {}
  const path = random.pick(['jobs', 'check', 'check'])
  const given = random.chance(0.2) ? JSON.stringify(workflow) : workflow
  const body = JSON.stringify({
    workflow: given,
    inputs,
    ...(random.chance(0.3) && { [random.text()]: random.json() }),
  })
  return send(`${url}/v1/${path}`, { method: 'POST', body, headers: headers(token, random) })
}

async function file({ url, token, pictures }, random) {
  const bytes = random.chance(0.2) ? random.bytes(random.int(3000)) : random.damageBytes(random.pick(pictures))
  const name = encodeURIComponent(wellFormed(random.text())) || 'a.png'
  return send(`${url}/v1/uploads?name=${name}`, { method: 'POST', body: bytes, headers: headers(token, random) })
}

async function send(address, init) {
  const response = await fetch(address, { ...init, redirect: 'manual', signal: AbortSignal.timeout(hungMs) })
  const text = await response.text()
  return {
    status: response.status,
    what: `${init.method} ${address} ${String(init.body).slice(0, 300)} → ${text.slice(0, 200)}`,
  }
}

/** A socket that talks nonsense. It may be closed for it; the server must live. */
function frames({ url, token }, random) {
  return new Promise((resolve) => {
    const path = random.pick(['/v1/events', '/v1/worker', '/v1/events', '/nothing'])
    const socket = new WebSocket(url.replace('http', 'ws') + path, {
      headers: random.chance(0.9) ? { authorization: `Bearer ${token}` } : {},
    })
    const end = (status) => {
      clearTimeout(timer)
      socket.terminate()
      resolve({ status })
    }
    const timer = setTimeout(() => end('socket open'), 150)
    socket.on('open', () => {
      for (let i = random.int(6); i >= 0; i--) {
        const frame = { type: random.pick(frameTypes), job: random.text(), since: random.json(), lease: random.text() }
        const odd = [
          () => JSON.stringify(random.pick([random.json(), random.damage(frame), frame])),
          () => random.bytes(random.int(300)),
          () => '['.repeat(random.int(20_000)),
        ]
        socket.send(random.pick(odd)())
      }
    })
    socket.on('unexpected-response', (_request, response) => end(response.statusCode))
    socket.on('close', () => end('socket closed'))
    socket.on('error', () => {})
  })
}

/** Bytes that are no HTTP, or not quite. */
function raw({ url }, random) {
  return new Promise((resolve) => {
    const { port } = new URL(url)
    const socket = connect(Number(port), '127.0.0.1')
    const end = (status) => {
      clearTimeout(timer)
      socket.destroy()
      resolve({ status })
    }
    const timer = setTimeout(() => end('raw open'), 100)
    socket.on('connect', () => {
      const lines = [
        `${random.pick(['GET', 'POST', 'BREW', '\u0000'])} ${random.pick(['/', '/v1/jobs', '*', '//', '/../..'])} HTTP/1.1`,
        `Host: ${random.pick(['127.0.0.1', 'evil.example', '', 'localhost:99999'])}`,
        random.pick([
          'Content-Length: 99999999999',
          'Content-Length: -1',
          'Transfer-Encoding: chunked',
          'X: y',
          'Upgrade: websocket',
        ]),
      ]
      const bytes = random.chance(0.3)
        ? random.bytes(random.int(500))
        : Buffer.from(`${lines.join('\r\n')}\r\n\r\n${random.text()}`)
      socket.write(bytes)
    })
    socket.on('data', (data) => end(Number(/^HTTP\/1.1 (\d+)/.exec(String(data))?.[1] ?? 0)))
    socket.on('close', () => end('raw closed'))
    socket.on('error', () => {})
  })
}

const queryNames = ['name', 'since', 'limit', 'cursor', 'state', 'search', 'order', 'size', 'revision', '__proto__']
const frameTypes = [
  'follow',
  'unfollow',
  'follow-jobs',
  'ping',
  'token',
  'hello',
  'events',
  'capabilities',
  'stopping',
  'x',
]

const bodies = [
  (random) => JSON.stringify(random.json()),
  (random) => random.text(),
  (random) => random.bytes(random.int(2000)),
  (random) => '['.repeat(random.int(50_000)),
  (random) => `{"a":${'{"a":'.repeat(random.int(5000))}`,
  (random, documents) => JSON.stringify({ workflow: random.damage(random.pick(documents)) }),
  (random) =>
    JSON.stringify({
      text: random.text(),
      base: random.json(),
      cron: random.text(),
      name: random.text(),
      scopes: random.json(),
    }),
]

function headers(token, random) {
  return {
    ...(random.chance(0.95) && { authorization: `Bearer ${token}` }),
    ...(random.chance(0.1) && {
      authorization: random.pick(['Bearer', 'Basic eDp5', 'Bearer x y', `Bearer ${'a'.repeat(600)}`]),
    }),
    ...(random.chance(0.1) && { origin: random.pick(['http://evil.example', 'null', 'file://']) }),
    'content-type': random.pick([
      'application/json',
      'text/plain',
      'application/octet-stream',
      'multipart/form-data',
      'a/b',
    ]),
  }
}

/** Lone surrogates cannot be put into an address at all. */
const wellFormed = (text) => text.replace(/[\ud800-\udfff]/g, '')
