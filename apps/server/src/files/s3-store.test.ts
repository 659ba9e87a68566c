import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { sha256 } from './artifact-store.js'
import { s3Store } from './s3-store.js'

/** As much of S3 as is asked for here: objects by path, 404 with a code in XML. */
const objects = new Map<string, Buffer>()
const asked: string[] = []
const bucket = createServer((request, response) => {
  const path = request.url!.split('?')[0]!
  asked.push(`${request.method} ${path}`)
  const parts: Buffer[] = []
  request.on('data', (part: Buffer) => parts.push(part))
  request.on('end', () => {
    const known = objects.get(path)
    if (request.method === 'PUT') {
      objects.set(path, Buffer.concat(parts))
      return response.end()
    }
    if (request.method === 'DELETE') {
      objects.delete(path)
      return response.writeHead(204).end()
    }
    if (known) return response.writeHead(200, { 'content-length': known.length }).end(known)
    return response.writeHead(404, { 'content-type': 'application/xml' }).end('<Error><Code>NoSuchKey</Code></Error>')
  })
})
let endpoint: string

async function* chunksOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 30_000) yield bytes.subarray(at, at + 30_000)
}

beforeAll(async () => {
  process.env.AWS_ACCESS_KEY_ID = 'a'
  process.env.AWS_SECRET_ACCESS_KEY = 'b'
  await new Promise<void>((resolve) => bucket.listen(0, '127.0.0.1', resolve))
  endpoint = `http://127.0.0.1:${(bucket.address() as AddressInfo).port}`
})

afterAll(() => {
  bucket.closeAllConnections()
  bucket.close()
})

it('says that it is the bucket which does not answer', async () => {
  const store = s3Store('s3://pictures?endpoint=http://127.0.0.1:9')
  await expect(store.has(sha256('a'))).rejects.toMatchObject({
    code: 'server/unavailable',
    message: expect.stringMatching(/^artifacts: /),
  })
})

it('keeps bytes in a bucket, under a prefix, and gives them back', async () => {
  const store = s3Store(`s3://pictures/team/a?endpoint=${endpoint}&region=here`)
  const bytes = Uint8Array.from({ length: 100_000 }, (_, i) => (i * 31) % 256)
  const key = sha256(bytes)
  expect(await store.has(key)).toBe(false)
  expect(await store.get(key)).toBeUndefined()
  await store.put(key, bytes)
  await store.remove(key)
  await store.putStream(key, chunksOf(bytes))
  const { stream, sizeBytes } = (await store.open(key))!
  expect(sizeBytes).toBe(bytes.length)
  expect(Buffer.compare(Buffer.concat(await stream.toArray()), bytes)).toBe(0)
  expect(await store.open(sha256('nothing'))).toBeUndefined()
  expect(asked).toContain(`PUT /pictures/team/a/${key}`)
  expect(await store.has(key)).toBe(true)
  expect(sha256((await store.get(key))!)).toBe(key)
  await store.remove(key)
  expect(await store.get(key)).toBeUndefined()
})

it('says what a location looks like', () => {
  for (const location of ['', 'pictures', 'https://pictures', 's3://']) {
    expect(() => s3Store(location)).toThrow(/artifacts: expected s3:\/\/bucket\/prefix/)
  }
})
