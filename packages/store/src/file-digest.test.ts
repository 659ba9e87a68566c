import { createHash } from 'node:crypto'
import { mkdtemp, readdir, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { fileDigests } from './file-digest.js'

let dir = ''
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'store-digest-'))
})
afterEach(() => rm(dir, { recursive: true, force: true }))

const sha256 = (data: Uint8Array | string) => createHash('sha256').update(data).digest('hex')
const longAgo = new Date('2024-01-01T00:00:00Z')

test('remembers across instances, by content of what a symlink leads to', async () => {
  const file = join(dir, 'model')
  const memory = join(dir, 'memory')
  await writeFile(file, 'weights')
  await utimes(file, longAgo, longAgo)
  await symlink(file, join(dir, 'link'))
  let hashed = 0
  const options = { onProgress: () => hashed++ }
  expect(await fileDigests({ dir: memory }).digest(file, options)).toBe(sha256('weights'))
  expect(hashed).toBe(1)
  expect(await fileDigests({ dir: memory }).digest(join(dir, 'link'), options)).toBe(sha256('weights'))
  expect(hashed).toBe(1)
})

test('a changed file is hashed again, one just written is not remembered', async () => {
  const file = join(dir, 'model')
  const memory = join(dir, 'memory')
  const digests = fileDigests({ dir: memory })
  await writeFile(file, 'one')
  expect(await digests.digest(file)).toBe(sha256('one'))
  expect(await readdir(memory).catch(() => [])).toEqual([])
  await writeFile(file, 'two')
  expect(await digests.digest(file)).toBe(sha256('two'))
})

test('a damaged memory is no memory', async () => {
  const file = join(dir, 'model')
  const memory = join(dir, 'memory')
  await writeFile(file, 'weights')
  await utimes(file, longAgo, longAgo)
  const digests = fileDigests({ dir: memory })
  await digests.digest(file)
  const [record] = await readdir(memory)
  for (const text of ['', '{"sha256":', 'null', '{"sha256":"00"}', '[]']) {
    await writeFile(join(memory, record!), text)
    expect(await digests.digest(file)).toBe(sha256('weights'))
  }
})

test('reports progress and stops when aborted', async () => {
  const file = join(dir, 'large')
  const data = new Uint8Array(5 << 20).fill(3)
  await writeFile(file, data)
  const seen: number[] = []
  const digests = fileDigests({ dir: join(dir, 'memory') })
  expect(await digests.digest(file, { onProgress: ({ doneBytes }) => seen.push(doneBytes) })).toBe(sha256(data))
  expect(seen).toEqual([1, 2, 3, 4, 5].map((mib) => mib << 20))

  const abort = new AbortController()
  const work = digests.digest(file, { signal: abort.signal, onProgress: () => abort.abort(new Error('enough')) })
  await expect(work).rejects.toThrow('enough')
  await expect(digests.digest(file, { signal: AbortSignal.abort(new Error('before')) })).rejects.toThrow('before')
})

test('an absent file and a folder are a typed error', async () => {
  const digests = fileDigests({ dir: join(dir, 'memory') })
  await expect(digests.digest(join(dir, 'absent'))).rejects.toMatchObject({ code: 'store/file-unreadable' })
  await expect(digests.digest(dir)).rejects.toMatchObject({ code: 'store/file-unreadable' })
})

test('what is known is told without hashing, and no longer when the file has changed', async () => {
  const file = join(dir, 'model')
  const digests = fileDigests({ dir: join(dir, 'memory') })
  await writeFile(file, 'one')
  await utimes(file, longAgo, longAgo)
  expect(await digests.known(file)).toBeUndefined()
  await digests.digest(file)
  for (let i = 0; i < 2; i++) expect(await digests.known(file)).toBe(sha256('one'))
  await writeFile(file, 'two')
  expect(await digests.known(file)).toBeUndefined()
  await expect(digests.known(join(dir, 'none'))).rejects.toMatchObject({ code: 'store/file-unreadable' })
})
