// Uploads and artifacts over a real server: what is taken, what is refused, and how it is given out.
import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { finished } from '../testing/fake-worker.js'
import { openRig, type Rig, startMs } from '../testing/rig.js'
import { ServerFiles } from '../worker/server-files.js'

let rig: Rig
let library: string

beforeAll(async () => {
  library = await mkdtemp(join(tmpdir(), 'library-'))
  await mkdir(join(library, 'workflows'))
  await mkdir(join(library, 'pictures'))
  await writeFile(join(library, 'workflows', 'paint.json'), JSON.stringify(flowOf('../pictures/cat.png')))
  await writeFile(
    join(library, 'workflows', 'paint.webp'),
    await sharp(await picture(20, 20))
      .webp()
      .toBuffer(),
  )
  await writeFile(join(library, 'workflows', 'plain.json'), JSON.stringify(flowOf('../pictures/cat.png')))
  await writeFile(join(library, 'pictures', 'cat.png'), await picture(30, 40))
  rig = await openRig({ limits: { picturePixels: 10_000, uploadBytes: 50_000 }, libraries: [library] })
}, startMs)
afterAll(async () => {
  await rig.close()
  await rm(library, { recursive: true })
})

const picture = async (width: number, height: number) =>
  new Uint8Array(
    await sharp({ create: { width, height, channels: 3, background: '#336699' } })
      .png()
      .toBuffer(),
  )

interface Upload {
  readonly file: string
  readonly name: string
  readonly digest: string
}

const flowOf = (file: string) => ({
  dreamgraph: 2,
  outputs: { image: { type: 'image', from: { node: 'load', socket: 'image' } } },
  nodes: { load: { type: 'image/load', params: { file } } },
})

test('a picture is kept by its content, under a plain name, for the one who brought it', async () => {
  const bytes = await picture(90, 100)
  const { status, body } = await rig.ask<Upload>('POST /uploads?name=..%2F..%2Fetc%2Fpass%3Cwd', { body: bytes })
  const digest = createHash('sha256').update(bytes).digest('hex')
  expect(status).toBe(201)
  expect(body).toMatchObject({ digest, name: 'pass_wd.png', mediaType: 'image/png', width: 90, height: 100 })
  const got = await fetch(`${rig.url}/v1/artifacts/${digest}`, {
    headers: { authorization: 'Bearer a-token-for-everything' },
  })
  expect(new Uint8Array(await got.arrayBuffer())).toEqual(bytes)
  expect(got.headers.get('content-security-policy')).toContain('sandbox')
  // Also to whoever started the server, whose token is good for workers as well.
  expect(got.headers.get('content-type')).toBe('image/png')
  expect((await rig.ask(`GET /artifacts/${digest}/thumbnail?size=32`)).status).toBe(200)

  const stranger = await rig.token('stranger', 'submit')
  expect((await rig.ask(`GET /artifacts/${digest}`, { token: stranger })).status).toBe(404)
  const job = { workflow: flowOf(body.file) }
  expect((await rig.ask('POST /jobs', { body: job, token: stranger })).status).toBe(404)
  expect((await rig.ask('POST /jobs', { body: job })).status).toBe(201)
})

test('pictures that came along are there for everybody: those that file params name, and those beside templates', async () => {
  const stranger = await rig.token('looker', 'read')
  const ask = <T>(request: string) => rig.ask<T>(request, { token: stranger })
  const find = (path: string) => ask<{ digest?: string }>(`GET /files?path=${encodeURIComponent(path)}`)
  const { digest } = (await find('../pictures/cat.png')).body
  expect(await ask(`GET /artifacts/${digest}`)).toMatchObject({ status: 200 })
  expect((await rig.ask(`GET /artifacts/${digest}`)).status).toBe(200)
  expect((await ask(`GET /artifacts/${digest}/thumbnail?size=32`)).status).toBe(200)
  expect((await find('../pictures/dog.png')).body).toEqual({})
  expect((await find('../../etc/passwd')).body).toEqual({})
  expect((await find('plain.json')).body).toEqual({})
  const { items } = (await ask<{ items: { name: string; picture?: string }[] }>('GET /workflows')).body
  const pictureOf = (name: string) => items.find((item) => item.name === name)?.picture
  expect((await ask(`GET /artifacts/${pictureOf('templates/paint')}/thumbnail?size=32`)).status).toBe(200)
  expect(pictureOf('templates/plain')).toBeUndefined()

  const uploaded = (await rig.ask<Upload>('POST /uploads?name=mine.png', { body: await picture(11, 12) })).body
  expect((await rig.ask(`GET /files?path=${encodeURIComponent(uploaded.file)}`)).body).toEqual({
    digest: uploaded.digest,
  })
  expect((await find(uploaded.file)).body).toEqual({})
})

test('what is no picture, has too many pixels, or too many bytes is refused', async () => {
  const text = new TextEncoder().encode('<svg xmlns="http://www.w3.org/2000/svg"/>')
  const upload = (body: Uint8Array) => rig.ask('POST /uploads?name=x.png', { body })
  expect(await upload(text)).toMatchObject({ status: 415, body: { code: 'request/media-type' } })
  expect(await upload(new Uint8Array())).toMatchObject({ status: 415 })
  expect(await upload(await picture(101, 100))).toMatchObject({ status: 413, body: { code: 'request/too-large' } })
  expect(await upload(new Uint8Array(50_001))).toMatchObject({ status: 413, body: { code: 'request/too-large' } })
})

test('a flow cannot name a file of the server', async () => {
  for (const file of ['/etc/passwd.png', '../../../../etc/passwd.png', `upload/${'0'.repeat(64)}/x.png`]) {
    const refused = await rig.ask('POST /jobs', { body: { workflow: flowOf(file) } })
    expect(refused, file).toMatchObject({ status: 404, body: { code: 'request/not-found' } })
  }
})

test('bytes of workers are kept only under their own digest', async () => {
  const token = await rig.token('worker', 'worker')
  const body = Uint8Array.of(1, 2, 3)
  const digest = createHash('sha256').update(body).digest('hex')
  expect((await rig.ask(`PUT /artifacts/${'0'.repeat(64)}`, { body, token })).status).toBe(400)
  expect((await rig.ask(`PUT /artifacts/${digest}`, { body, token })).status).toBe(204)
  expect((await rig.ask(`GET /artifacts/${digest}`, { token })).status).toBe(200)
  expect((await rig.ask(`GET /artifacts/${'0'.repeat(64)}`, { token })).status).toBe(404)
  expect((await rig.ask(`GET /cache/${digest}`, { token })).status).toBe(404)
  expect((await rig.ask(`PUT /cache/${digest}`, { body, token })).status).toBe(204)
  expect((await rig.ask(`GET /cache/${digest}`, { token })).status).toBe(200)
})

test('what workers bring and fetch may be larger than what people upload', async () => {
  const token = await rig.token('trainer', 'worker')
  const body = new Uint8Array(3_000_000).map((_, index) => (index * 31) % 251)
  const path = join(library, 'adapter.safetensors')
  await writeFile(path, body)
  const files = new ServerFiles({ url: rig.url, token, folder: join(library, 'inputs') })
  const digest = await files.storeFile(path)
  expect(digest).toBe(createHash('sha256').update(body).digest('hex'))
  const copy = await files.fetchInput(digest, 'a.safetensors', new AbortController().signal)
  expect(Buffer.compare(await readFile(copy), body)).toBe(0)
  const answer = await fetch(`${rig.url}/v1/artifacts/${digest}`, { headers: { authorization: `Bearer ${token}` } })
  expect(answer.headers.get('content-length')).toBe('3000000')
  await answer.arrayBuffer()
})

test(
  'what workers bring has a limit too, and nothing of it stays beyond',
  async () => {
    const narrow = await openRig({ limits: { artifactBytes: 1000 } })
    try {
      const token = await narrow.token('worker', 'worker')
      const body = new Uint8Array(1001)
      const digest = createHash('sha256').update(body).digest('hex')
      const put = narrow.ask(`PUT /artifacts/${digest}`, { body, token })
      expect(await put.then(({ status }) => status).catch(() => 'cut off')).not.toBe(204)
      expect((await narrow.ask(`GET /artifacts/${digest}`, { token })).status).toBe(404)
      const folder = join(narrow.folder, 'data/artifacts', digest.slice(0, 2))
      expect(await readdir(folder)).toEqual([])
    } finally {
      await narrow.close()
    }
  },
  startMs,
)

test('a job that is removed takes its pictures with it, and their thumbnails', async () => {
  const bytes = await picture(20, 21)
  const digest = createHash('sha256').update(bytes).digest('hex')
  const { id } = await rig.submit({ priority: 100 }) // before what other tests have left
  const worker = await rig.worker()
  const { lease } = await worker.get()
  await rig.ask(`PUT /artifacts/${digest}`, { body: bytes, token: await rig.token('painter', 'worker') })
  const output = { file: 'a.png', digest, mediaType: 'image/png', sizeBytes: bytes.length } as const
  worker.say(lease, { type: 'output', output }, finished)
  await rig.until(id, ({ state }) => state === 'finished')
  const folder = join(rig.folder, 'data/artifacts')
  const kept = async () => (await readdir(folder, { recursive: true })).filter((name) => /[0-9a-f]{64}$/.test(name))
  const before = (await kept()).length
  for (const size of [160, 161, 320]) await rig.ask(`GET /artifacts/${digest}/thumbnail?size=${size}`)
  expect((await kept()).length).toBe(before + 2)
  expect((await rig.ask(`DELETE /jobs/${id}`)).status).toBe(204)
  expect((await kept()).length).toBe(before - 1)
})
