// kill -9 in the middle of writing leaves the old file or the new one, and the next run works and tidies up.
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { parseWorkflow } from '@dreamgraph/graph'
import { decodePicture, lockPixels, readPictureRecord } from '@dreamgraph/nodes'
import { openDiskCache } from '@dreamgraph/store'
import { expect, test } from 'vitest'
import { png } from '../bad-input/png.js'
import { killWhileWriting, temporaryFiles, writeInPeace } from './kill.js'

/** Kills for each kind of file. */
const rounds = 6

async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'kill-'))
  try {
    await work(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Grain keeps the files from being compressed to nothing, so that writing them takes time. */
const photo = (): Uint8Array => png(256, 256, { shade: (x, y) => (x * x * 31 + y * y * 57 + x * y * 91) & 255 })

test.concurrent('cache entries: each is whole, and none is lost to damage', () =>
  inFolder(async (folder) => {
    await writeFile(join(folder, 'photo.png'), photo())
    const dir = join(folder, 'home', 'cache')
    let entries = 0
    const inspect = async (): Promise<void> => {
      const files = await readdir(dir, { recursive: true }).catch(() => [])
      const keys = files.filter((file) => file.endsWith('.entry')).map((file) => basename(file, '.entry'))
      const cache = openDiskCache({ dir, maxBytes: 2 ** 30, maxEntries: 10_000 })
      for (const key of keys) expect(await cache.get(key), key).toBeDefined()
      entries = keys.length
    }
    const hits = await killWhileWriting({ what: 'cache', folder, rounds, withinMs: 250, seed: 1, inspect })
    await expectTidied('cache', folder)
    await inspect()
    expect(entries).toBeGreaterThan(0)
    report('cache entries', hits)
  }))

test.concurrent('a picture: the old or the new one, whole, with the record of its making', () =>
  inFolder(async (folder) => {
    await writeFile(join(folder, 'photo.png'), photo())
    const file = join(folder, 'out', 'same.png')
    let seen = 0
    const inspect = async (): Promise<void> => {
      const bytes = await readFile(file).catch(() => undefined)
      if (!bytes) return
      expect(readPictureRecord(bytes)?.lock.pixels).toEqual(lockPixels(await decodePicture(file, 'same.png')))
      seen++
    }
    const hits = await killWhileWriting({ what: 'picture', folder, rounds, withinMs: 250, seed: 2, inspect })
    await expectTidied('picture', folder)
    await inspect()
    expect(seen).toBeGreaterThan(0)
    expect(await readdir(join(folder, 'out'))).toEqual(['same.png'])
    report('pictures', hits)
  }))

test.concurrent('a workflow file: the old or the new one, whole, with all that it held before', () =>
  inFolder(async (folder) => {
    const file = join(folder, 'flow.json')
    await writeFile(file, '{\n  "dreamgraph": 2, "x-mine": [1.0,  2e0],\n  "nodes": {"a": {"type": "no/such"}}\n}\n')
    const inspect = async (): Promise<void> => {
      const text = await readFile(file, 'utf8')
      const { notes = [], nodes } = parseWorkflow(text).document
      expect(text).toContain('"dreamgraph": 2, "x-mine": [1.0,  2e0],\n  "nodes": {"a": {"type": "no/such"}}')
      expect(Object.keys(nodes)).toEqual(['a'])
      expect([0, 2000]).toContain(notes.length)
      expect(new Set(notes.map((note) => note.text)).size).toBeLessThanOrEqual(1)
    }
    const hits = await killWhileWriting({ what: 'workflow', folder, rounds, withinMs: 200, seed: 3, inspect })
    await expectTidied('workflow', folder)
    await inspect()
    expect(await readdir(folder)).toEqual(['flow.json'])
    report('a workflow file', hits)
  }))

/** The next writer works, and what the dead left goes when it writes in the same folder. */
async function expectTidied(what: 'cache' | 'picture' | 'workflow', folder: string): Promise<void> {
  expect(await writeInPeace({ what, folder })).toBe(0)
  expect(await temporaryFiles(folder)).toEqual([])
}

function report(what: string, hits: number): void {
  process.stdout.write(`kill -9 while writing ${what}: ${rounds} kills left ${hits} half-written temporary files\n`)
}
