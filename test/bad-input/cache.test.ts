// Damaged files in the caches cost a second computation; they are no errors and no wrong results.
import { readdir, readFile, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { flow } from './flow.js'
import { Place } from './place.js'
import { png } from './png.js'

let place: Place
beforeEach(async () => {
  place = await Place.open()
  await place.put('cat.png', png(20, 10, { shade: (x, y) => x * y }))
  await place.put('dog.png', png(20, 10, { shade: (x, y) => 9 * x + y }))
})
afterEach(() => place.close())

const text = flow(
  { cat: ['image/load', { file: 'cat.png' }], dog: ['image/load', { file: 'dog.png' }], join: ['image/join'] },
  ['cat.image > join.images', 'dog.image > join.images'],
  { outputs: { image: { type: 'image', from: { node: 'join', socket: 'image' } } } },
)

async function run() {
  const { outputs, nodes } = await place.run(text)
  return { image: outputs.image, cat: nodes.get('cat')!.status, dog: nodes.get('dog')!.status }
}

async function filesIn(folder: string, ending: string): Promise<string[]> {
  const names = await readdir(join(place.home, folder), { recursive: true })
  return names.filter((name) => name.endsWith(ending)).map((name) => join(place.home, folder, name))
}

test.each([
  ['cut off', (file: string) => truncate(file, 100)],
  ['emptied', (file: string) => truncate(file, 0)],
  ['written by another program', (file: string) => writeFile(file, 'not an entry')],
  [
    'changed in one bit',
    async (file: string) => {
      const bytes = await readFile(file)
      bytes[bytes.length - 40]! ^= 1
      await writeFile(file, bytes)
    },
  ],
] as const)('entries %s are misses, and the next run keeps good ones again', async (_, damage) => {
  const first = await run()
  const entries = await filesIn('cache', '.entry')
  expect(entries.length).toBeGreaterThan(1)
  for (const entry of entries) await damage(entry)
  expect(await run()).toEqual({ ...first, cat: 'ran', dog: 'ran' })
  expect(await run()).toEqual({ ...first, cat: 'cached', dog: 'cached' })
})

test('an entry under the key of another is a miss', async () => {
  const first = await run()
  const entries = await filesIn('cache', '.entry')
  const copies = await Promise.all(entries.map((entry) => readFile(entry)))
  await Promise.all(entries.map((entry, i) => writeFile(entry, copies[(i + 1) % copies.length]!)))
  expect(await run()).toEqual({ ...first, cat: 'ran', dog: 'ran' })
})
