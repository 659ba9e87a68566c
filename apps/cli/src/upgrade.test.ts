import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openPlace, type Place } from './testing/command.js'

let place: Place
beforeAll(async () => {
  place = await openPlace()
})
afterAll(() => place.remove())

const old =
  '{"dreamgraph": 1, "x-mine": 1e0, "nodes": {"a": {"type": "value/int"}, "b": {"type": "latent/noise"}},' +
  ' "links": [{"from": "a.value", "to": "b.seed"}]}\n'

test('old files are rewritten, new ones are left alone, and what they hold stays', async () => {
  const file = join(place.folder, 'old.json')
  await writeFile(file, old)
  expect(await place.run(['upgrade', file])).toEqual({ code: 0, stdout: `${file}: upgraded\n`, stderr: '' })
  const text = await readFile(file, 'utf8')
  expect(text).toContain('{"dreamgraph": 2, "x-mine": 1e0, "nodes": {"a": {"type": "value/int"}')
  expect(text).toContain('{"from": {"node": "a", "socket": "value"}, "to": {"node": "b", "socket": "seed"}}')
  expect((await place.run(['upgrade', file])).stdout).toBe(`${file}: new already\n`)
  expect((await place.run(['validate', file])).code).toBe(0)
})

test('what is no workflow is refused and stays as it was', async () => {
  const file = join(place.folder, 'prose.json')
  await writeFile(file, 'no workflow')
  const { code, stderr } = await place.run(['upgrade', file])
  expect(code).toBe(2)
  expect(stderr).toContain('document/not-json')
  expect(await readFile(file, 'utf8')).toBe('no workflow')
})
