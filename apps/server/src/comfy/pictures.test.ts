import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openPlace, type Place } from './testing/place.js'
import { pictureBytes, upload } from './testing/prompts.js'

let place: Place
beforeAll(async () => {
  place = await openPlace({ workers: 0 })
}, 240_000)
afterAll(() => place?.close(), 60_000)

const view = (query: Record<string, string>) => fetch(`${place.url}/view?${new URLSearchParams(query)}`)
const bytesOf = async (response: Response) => Buffer.from(await response.arrayBuffer())

describe('uploads', () => {
  test('come back byte for byte, from their folders', async () => {
    const { name, subfolder, type } = await upload(place.url, { name: 'mini-robot.png', subfolder: 'a/b/' })
    expect([name, subfolder, type]).toEqual(['mini-robot.png', 'a/b', 'input'])
    const response = await view({ filename: name, subfolder, type })
    expect(response.headers.get('content-type')).toBe('image/png')
    expect(response.headers.get('content-security-policy')).toContain('sandbox')
    expect(await bytesOf(response)).toEqual(await pictureBytes('mini-robot.png'))
    expect((await view({ filename: `a/b/${name}`, type })).status).toBe(200)
    expect((await view({ filename: name, type })).status).toBe(404)
  })

  test('keep each other apart: a taken name gets a number, unless it is to be overwritten', async () => {
    const names = []
    for (const name of ['cat.png', 'robot.png', 'robot.png']) {
      names.push((await upload(place.url, { name, as: 'same.png' })).name)
    }
    expect(names).toEqual(['same.png', 'same (1).png', 'same (1).png'])
    expect((await upload(place.url, { name: 'face.png', as: 'same.png', overwrite: true })).name).toBe('same.png')
    expect(await bytesOf(await view({ filename: 'same.png', type: 'input' }))).toEqual(await pictureBytes('face.png'))
  })

  test('get the ending of what they are, and must be pictures', async () => {
    expect((await upload(place.url, { name: 'cat.png', as: '../../etc/pass wd.jpg' })).name).toBe('pass wd.jpg.png')
    await expect(upload(place.url, { name: '../README.md', as: 'x.png' })).rejects.toThrow('415')
    const asJson = await fetch(`${place.url}/upload/image`, { method: 'POST', body: '{}' })
    expect(asJson.status).toBe(400)
    const empty = new FormData()
    empty.set('image', 'text')
    expect((await fetch(`${place.url}/upload/image`, { method: 'POST', body: empty })).status).toBe(400)
  })

  test('take a mask as their transparency', async () => {
    const { name } = await upload(place.url, { name: 'mini-teapot.png', as: 'masked.png' })
    const { width, height } = await sharp(await pictureBytes('mini-teapot.png')).metadata()
    const alpha = { create: { width, height, channels: 4, background: { r: 0, g: 0, b: 0, alpha: 0 } } } as const
    const form = new FormData()
    form.set('image', new Blob([new Uint8Array(await sharp(alpha).png().toBuffer())]), 'clipspace-mask.png')
    form.set('original_ref', JSON.stringify({ filename: name, subfolder: '', type: 'input' }))
    form.set('subfolder', 'clipspace')
    const response = await fetch(`${place.url}/api/upload/mask`, { method: 'POST', body: form })
    const masked = (await response.json()) as { name: string; subfolder: string; type: string }
    expect(masked).toEqual({ name: 'clipspace-mask.png', subfolder: 'clipspace', type: 'input' })
    const shown = await bytesOf(await view({ filename: masked.name, subfolder: 'clipspace', type: 'input' }))
    const { channels } = await sharp(shown).stats()
    expect([channels.length, channels[3]!.max]).toEqual([4, 0])
  })
})

test('pictures are shown as the browser wants them', async () => {
  const { name: filename } = await upload(place.url, { name: 'mini-robot.png', as: 'shown.png' })
  const formats: Record<string, string>[] = [
    { preview: 'webp;80' },
    { preview: 'jpeg' },
    { channel: 'rgb' },
    { channel: 'a' },
    {},
  ]
  const shown = await Promise.all(
    formats.map(async (format) => {
      const meta = await sharp(await bytesOf(await view({ filename, type: 'input', ...format }))).metadata()
      return [meta.format, meta.channels]
    }),
  )
  expect(shown).toEqual([
    ['webp', expect.any(Number)],
    ['jpeg', 3],
    ['png', 3],
    ['png', 4],
    ['png', expect.any(Number)],
  ])
})

describe('addresses that lead out of their folder', () => {
  let secret: string
  beforeAll(async () => {
    secret = await mkdtemp(join(tmpdir(), 'dreamgraph-secret-'))
    await writeFile(join(secret, 'secret.png'), 'secret')
  })
  afterAll(() => rm(secret, { recursive: true }))

  test.each([
    ['../secret.png', ''],
    ['..\\secret.png', ''],
    ['/etc/passwd', ''],
    ['C:\\Windows\\win.ini', ''],
    ['x\0.png', ''],
    ['', ''],
    ['secret.png', '..'],
    ['secret.png', 'a/../../b'],
    ['secret.png', '/etc'],
    ['passwd', '\\etc'],
  ])('%j in %j is refused', async (filename, subfolder) => {
    for (const type of ['input', 'output', 'temp']) {
      const response = await view({ filename, subfolder, type })
      expect([response.status, await response.json()]).toMatchObject([400, { code: 'request/invalid' }])
    }
  })

  test('what is only unusual is not there', async () => {
    expect((await view({ filename: 'secret.png', subfolder: secret.slice(1), type: 'output' })).status).toBe(404)
    expect((await view({ filename: '%2e%2e%2fsecret.png', type: 'output' })).status).toBe(404)
    expect((await view({ filename: 'x.png', subfolder: crypto.randomUUID(), type: 'output' })).status).toBe(404)
    expect((await view({ filename: 'x.png', type: 'elsewhere' })).status).toBe(400)
    await expect(upload(place.url, { name: 'cat.png', subfolder: '../x' })).rejects.toThrow('400')
    await expect(upload(place.url, { name: 'cat.png', type: 'x' })).rejects.toThrow('400')
  })
})
