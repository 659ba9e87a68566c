import { expect, it } from 'vitest'
import { ConnectionFault, ServerFault } from './faults.js'
import { connectTo, serve } from './testing/fixture.js'

const id = '00000000-0000-4000-8000-000000000000'

it('sends the token as a header, and tells a wrong one as a fault of the server', async () => {
  const server = await serve({ token: 'secret' })
  server.addJob()
  expect((await connectTo(server, { token: 'secret' }).call('jobs')).items).toHaveLength(1)
  const fault = await connectTo(server, { token: 'wrong' })
    .call('jobs')
    .catch((thrown) => thrown)
  expect(fault).toBeInstanceOf(ServerFault)
  expect(fault).toMatchObject({ code: 'request/unauthorized', status: 401, problems: [] })
  expect(server.requests.map(({ authorization }) => authorization)).toEqual(['Bearer secret', 'Bearer wrong'])
})

it('gives all that a refusal says', async () => {
  const server = await serve()
  const { id: job } = server.addJob()
  await expect(connectTo(server).call('resume', { params: { job } })).rejects.toMatchObject({
    name: 'ServerFault',
    status: 409,
    code: 'job/state',
    message: 'job: expected paused, got running',
    problems: [{ code: 'x/y', path: '/nodes/0', message: 'a finding' }],
    details: { state: 'running' },
    requestId: 'r-1',
  })
})

it('tells what it got where something else answers, with success or without', async () => {
  const answers: [number, string, string][] = [
    [502, 'text/html', '<html>Bad Gateway</html>'],
    [200, 'text/html', '<html>Welcome to the network</html>'],
    [500, 'application/json', '{"message":"of another program"}'],
    [200, 'application/json', '{"id":'],
  ]
  const server = await serve({
    intercept(_request, response) {
      const [status, type, body] = answers[0]!
      response.writeHead(status, { 'content-type': type }).end(body)
      return true
    },
  })
  for (; answers.length > 0; answers.shift()) {
    const [status, type, body] = answers[0]!
    const message = `GET ${server.url}/v1/health: expected JSON of dreamgraph, got ${status} with ${type}: ${JSON.stringify(body)}`
    const fault = { name: 'ServerFault', code: 'client/foreign-answer', status, message }
    await expect(connectTo(server).call('health')).rejects.toMatchObject(fault)
  }
  expect(server.requests).toHaveLength(4)
})

it('asks again after a lost answer where that is safe, and only there', async () => {
  const server = await serve()
  const job = server.addJob()
  const client = connectTo(server)
  server.state.loseAnswers = 3
  expect(await client.call('job', { params: { job: job.id } })).toMatchObject({ id: job.id })
  expect(server.requests).toHaveLength(4)

  server.state.loseAnswers = 1
  const body = { workflow: '{}', inputs: {} }
  await expect(client.call('check', { body })).rejects.toMatchObject({ code: 'client/unreachable' })
  expect(server.requests).toHaveLength(5)
})

it('submits once, however many answers are lost', async () => {
  const server = await serve()
  const client = connectTo(server)
  server.state.loseAnswers = 2
  const job = await client.submit({ name: 'mini', inputs: { seed: '7' } })
  expect([...server.jobs.keys()]).toEqual([job.id])
  expect(server.requests).toHaveLength(3)

  const chosen = await client.submit({ name: 'mini', id })
  expect(chosen.id).toBe(id)
})

it('gives up on a server that stays away, and says why', async () => {
  const server = await serve()
  const client = connectTo(server, { patience: { requestTries: 3 } })
  await server.stop()
  const fault = await client.call('health').catch((thrown) => thrown)
  expect(fault).toBeInstanceOf(ConnectionFault)
  expect(fault.message).toBe(`GET ${server.url}/v1/health: expected an answer, got ECONNREFUSED`)
  expect(fault.cause).toBeInstanceOf(TypeError)
})

it('waits for a server that is away at first', async () => {
  const first = await serve()
  await first.stop()
  const client = connectTo(first, { patience: { requestTries: 50 } })
  const answered = client.call('jobs')
  const server = await serve({ port: first.port })
  expect((await answered).items).toEqual([])
  expect(server.requests).toHaveLength(1)
})

it('throws the reason of its signal, before, during and between tries', async () => {
  const server = await serve({ intercept: () => true })
  const client = connectTo(server)
  const reason = new Error('enough')
  await expect(client.call('health', { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
  const during = new AbortController()
  setTimeout(() => during.abort(reason), 10)
  await expect(client.call('health', { signal: during.signal })).rejects.toBe(reason)
  await server.stop()
  const between = new AbortController()
  setTimeout(() => between.abort(reason), 20)
  const slow = connectTo(server, { patience: { retryFirstMs: 60_000, retryMaxMs: 60_000 } })
  await expect(slow.call('health', { signal: between.signal })).rejects.toBe(reason)
})

it('takes files there and back, a Blob with its type', async () => {
  const server = await serve()
  const client = connectTo(server)
  const bytes = Uint8Array.from({ length: 7_000 }, (_, index) => index % 251)
  const upload = await client.upload('a cat.png', bytes.subarray(1))
  expect(upload).toMatchObject({ name: 'a cat.png', sizeBytes: 6_999, mediaType: 'application/octet-stream' })
  expect(await client.artifact(upload.digest)).toEqual(bytes.subarray(1))
  server.state.loseAnswers = 1
  const blob = await client.upload('b', new Blob([bytes], { type: 'image/webp' }))
  expect(blob).toMatchObject({ mediaType: 'image/webp', sizeBytes: 7_000 })
})

it('knows answers without a body, and pages of a list', async () => {
  const server = await serve()
  const client = connectTo(server)
  const ids = Array.from({ length: 5 }, () => server.addJob().id).reverse()
  const pages: string[][] = []
  for await (const { items } of client.jobs({ limit: 2 })) pages.push(items.map((job) => job.id))
  expect(pages).toEqual([ids.slice(0, 2), ids.slice(2, 4), ids.slice(4)])
  expect(await client.call('removeJob', { params: { job: ids[0]! } })).toBeUndefined()
})

it('makes addresses for pictures and links', async () => {
  const client = connectTo({ url: 'http://a/b' })
  const digest = 'f'.repeat(64)
  expect(client.urlOf('thumbnail', { params: { digest }, query: { size: 64 } })).toBe(
    `http://a/b/v1/artifacts/${digest}/thumbnail?size=64`,
  )
  expect(client.urlOf('openapi')).toBe('http://a/b/v1/openapi.json')
})
