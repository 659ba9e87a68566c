import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { lockPixels, readPictureRecord } from '../picture-record.js'
import { decodePicture } from './decode.js'

const writer = fileURLToPath(new URL('../testing/picture-writer.mjs', import.meta.url))
let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nodes-kill-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

test('two processes that save under the same names, killed at any moment, leave whole pictures and lose none', async () => {
  let random = 4711
  let kept = new Map<string, string>()
  for (let round = 0; round < 5; round++) {
    const children = [fork(writer, [folder]), fork(writer, [folder])]
    await Promise.all(children.map((child) => once(child, 'message')))
    random = (random * 1103515245 + 12345) % 2 ** 31
    await new Promise((done) => setTimeout(done, 60 + (random % 80)))
    for (const child of children) child.kill('SIGKILL')
    await Promise.all(children.map((child) => once(child, 'exit')))

    const found = new Map<string, string>()
    for (const name of (await readdir(folder)).filter((candidate) => /^[^.].*\.png$/.test(candidate))) {
      const bytes = await readFile(join(folder, name))
      const pixels = lockPixels(await decodePicture(join(folder, name), name))
      expect(readPictureRecord(bytes)?.lock.pixels).toEqual(pixels)
      if (name.startsWith('numbered-')) found.set(name, bytes.toString('base64'))
    }
    for (const [name, bytes] of kept) expect(found.get(name), name).toBe(bytes)
    kept = found
  }
  expect(kept.size).toBeGreaterThan(1)
})
