import { expect, it } from 'vitest'
import { JobCancelled, JobFailed } from './faults.js'
import { newId } from './run.js'
import { connectTo, serve, until, writeLog } from './testing/fixture.js'

const error = { code: 'weights/does-not-match', message: 'block 3: expected 64, got 32', node: 'load', userFault: true }

it('submits, follows and resolves with the finished job', async () => {
  const server = await serve({ onSubmitted: (job) => setTimeout(() => writeLog(server, job, 3), 5) })
  const types: string[] = []
  const job = await connectTo(server).run({ name: 'mini', title: 'a cat' }, { onEvent: ({ type }) => types.push(type) })
  expect(job).toMatchObject({ state: 'finished', title: 'a cat', lastSeq: 6 })
  expect(types).toHaveLength(6)
})

it('throws the failure or the cancellation of the job, with the job', async () => {
  const server = await serve({ onSubmitted: (job) => server.tell(job.id, { type: 'failed', error, dead: false }) })
  const client = connectTo(server)
  const fault = await client.run({ name: 'mini' }).catch((thrown) => thrown)
  expect(fault).toBeInstanceOf(JobFailed)
  expect(fault).toMatchObject({ code: error.code, failure: error, job: { state: 'failed' } })
  expect(fault.message).toBe(`job ${fault.job.id}: ${error.message}`)

  const other = server.addJob()
  const result = client.result(other.id).catch((thrown) => thrown)
  await until(() => [...server.sockets][0]?.follows.length === 1)
  await client.cancel(other.id)
  expect(await result).toBeInstanceOf(JobCancelled)
})

it('awaits a job from wherever it is, without its log', async () => {
  const server = await serve()
  const client = connectTo(server)
  const job = server.addJob()
  const results = [client.result(job.id), client.result(job.id)]
  await until(() => [...server.sockets][0]?.follows.length === 1)
  writeLog(server, job, 2)
  for (const result of results) expect(await result).toMatchObject({ state: 'finished' })
  expect(await client.result(job.id)).toMatchObject({ state: 'finished' })
  await expect(client.result(newId())).rejects.toMatchObject({ code: 'request/not-found', status: 404 })
})

it('leaves the job alone where awaiting it is aborted', async () => {
  const server = await serve()
  const job = server.addJob()
  const awaiting = new AbortController()
  const result = connectTo(server).result(job.id, { signal: awaiting.signal })
  await until(() => [...server.sockets][0]?.follows.length === 1)
  awaiting.abort(new Error('enough'))
  await expect(result).rejects.toThrow('enough')
  await until(() => server.sockets.size === 0)
  expect(job.state).toBe('queued')
})

it('cancels the job when a run is aborted, while it runs or while it is being submitted', async () => {
  for (const isSubmitted of [true, false]) {
    const running = new AbortController()
    const server = await serve({
      onSubmitted: () => {
        if (!isSubmitted) running.abort(new Error('enough'))
      },
    })
    const run = connectTo(server).run({ name: 'mini' }, { signal: running.signal })
    if (isSubmitted) {
      await until(() => [...server.sockets][0]?.follows.length === 1)
      running.abort(new Error('enough'))
    }
    await expect(run).rejects.toThrow('enough')
    expect([...server.jobs.values()].map(({ job }) => job.state)).toEqual(['cancelled'])
  }
})

it('does not submit for a signal that has aborted, nor hang on a server that does not answer the cancel', async () => {
  const server = await serve({ intercept: ({ url }) => url!.endsWith('/cancel') })
  const client = connectTo(server, { patience: { cancelMs: 30 } })
  await expect(client.run({ name: 'mini' }, { signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow(
    'enough',
  )
  expect(server.requests).toEqual([])
  const running = new AbortController()
  const run = client.run({ name: 'mini' }, { signal: running.signal })
  await until(() => [...server.sockets][0]?.follows.length === 1)
  running.abort(new Error('enough'))
  await expect(run).rejects.toThrow('enough')
})

it('throws what a callback throws; the job goes on', async () => {
  const server = await serve()
  const onEvent = () => {
    throw new Error('of the caller')
  }
  await expect(connectTo(server).run({ name: 'mini' }, { onEvent })).rejects.toThrow('of the caller')
  await until(() => server.sockets.size === 0)
  expect([...server.jobs.values()][0]!.job.state).toBe('queued')
})

it('makes ids as the protocol wants them', () => {
  const ids = Array.from({ length: 100 }, newId)
  for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  expect(new Set(ids).size).toBe(100)
})
