import { expectTypeOf, it } from 'vitest'
import type { Client, Job, Upload } from './index.js'

// Looked at by the compiler; nothing is run.
const typed = (client: Client) => ({
  health: () => client.call('health'),
  job: () => client.call('job', { params: { job: 'x' } }),
  jobs: () => client.call('jobs', { query: { limit: 5, state: 'running,queued', order: 'queue' } }),
  move: (signal: AbortSignal) => client.call('move', { params: { job: 'x' }, body: { to: 'first' }, signal }),
  upload: (blob: Blob) => client.call('upload', { query: { name: 'x' }, body: blob }),
  artifact: () => client.call('artifact', { params: { digest: 'x' } }),
  removeJob: () => client.call('removeJob', { params: { job: 'x' } }),
  // @ts-expect-error a job is needed
  noParams: () => client.call('job'),
  // @ts-expect-error a job is needed here too
  emptyParams: () => client.call('job', { params: {} }),
  // @ts-expect-error not a place
  wrongBody: () => client.call('move', { params: { job: 'x' }, body: { to: 'middle' } }),
  // @ts-expect-error a number
  wrongQuery: () => client.call('jobs', { query: { limit: 'many' } }),
  // @ts-expect-error misspelt
  misspelt: () => client.call('jobs', { query: { limitt: 3 } }),
  // @ts-expect-error has no body
  tooMuch: () => client.call('health', { body: 3 }),
  // @ts-expect-error no such route
  unknown: () => client.call('nothing'),
})

it('types each request and answer by the table of the protocol', () => {
  type Typed = ReturnType<typeof typed>
  type Result<K extends keyof Typed> = Awaited<ReturnType<Typed[K]>>
  expectTypeOf<Result<'health'>['status']>().toEqualTypeOf<'fine' | 'starting' | 'stopping' | 'failing'>()
  expectTypeOf<Result<'job'>>().toEqualTypeOf<Job>()
  expectTypeOf<Result<'jobs'>['items']>().toEqualTypeOf<Job[]>()
  expectTypeOf<Result<'upload'>>().toEqualTypeOf<Upload>()
  expectTypeOf<Result<'artifact'>>().toEqualTypeOf<Uint8Array>()
  expectTypeOf<Result<'removeJob'>>().toEqualTypeOf<undefined>()
})
