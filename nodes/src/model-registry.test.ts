import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { type ModelRegistry, openRegistry } from './model-registry.js'

let home: string
let registry: ModelRegistry

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'registry-'))
  registry = openRegistry(home)
})
afterAll(() => rm(home, { recursive: true }))
beforeEach(() => rm(registry.file, { force: true }))

test('names lead to places; a removed name leads nowhere', async () => {
  expect(await registry.list()).toEqual({})
  await registry.add('flux', { folder: '/models/FLUX.1-dev' })
  await registry.add('fp8', { transformer: '/models/flux1-dev-fp8.safetensors', folder: '/models/FLUX.1-dev' })
  expect(await openRegistry(home).list()).toEqual({
    flux: { folder: '/models/FLUX.1-dev' },
    fp8: { transformer: '/models/flux1-dev-fp8.safetensors', folder: '/models/FLUX.1-dev' },
  })
  expect(await registry.find('flux')).toBe('/models/FLUX.1-dev')
  expect(await registry.remove('flux')).toBe(true)
  expect(await registry.remove('flux')).toBe(false)
  expect(await registry.find('flux')).toBeUndefined()
})

test('shipped models have names from the start; an entry of one’s own takes its place', async () => {
  const shipped = openRegistry(home, { mini: { folder: '/shipped/mini' } })
  expect(await shipped.list()).toEqual({ mini: { folder: '/shipped/mini' } })
  expect(await shipped.remove('mini')).toBe(false)
  await shipped.add('mini', { folder: '/own/mini' })
  expect(await shipped.find('mini')).toBe('/own/mini')
  expect(await shipped.remove('mini')).toBe(true)
  expect(await shipped.find('mini')).toBe('/shipped/mini')
})

test.each(['constructor', 'toString', 'hasOwnProperty'])('%s is a name like any other', async (name) => {
  expect(await registry.find(name)).toBeUndefined()
  expect(await registry.remove(name)).toBe(false)
  await registry.add(name, { folder: '/models/odd' })
  expect(await openRegistry(home).find(name)).toBe('/models/odd')
})

test.each(['', 'a/b', '../up', '.hidden', 'two words', '-x', '__proto__'])('"%s" is no name', async (name) => {
  await expect(registry.add(name, { folder: '/m' })).rejects.toMatchObject({ code: 'nodes/model-name-invalid' })
  expect(await registry.find(name)).toBeUndefined()
  await expect(readFile(registry.file)).rejects.toMatchObject({ code: 'ENOENT' })
})

test('relative paths of a file written by hand start at the home folder', async () => {
  await writeFile(
    registry.file,
    JSON.stringify({ models: { here: { folder: 'FLUX', vae: '/elsewhere/ae.safetensors' } } }),
  )
  expect(await registry.list()).toEqual({ here: { folder: join(home, 'FLUX'), vae: '/elsewhere/ae.safetensors' } })
})

test('what another version wrote into the file stays', async () => {
  const file = { models: { flux: { folder: '/m', note: 'from the shared disk' } }, theme: 'dark' }
  await writeFile(registry.file, JSON.stringify(file))
  await registry.add('second', { folder: '/n' })
  expect(JSON.parse(await readFile(registry.file, 'utf8'))).toEqual({
    ...file,
    models: { ...file.models, second: { folder: '/n' } },
  })
})

test.each(['{', '[]', '{"models": []}', '{"models": {"a": {"folder": 3}}}'])('%s is a damaged list', async (text) => {
  await writeFile(registry.file, text)
  await expect(registry.list()).rejects.toMatchObject({
    code: 'nodes/registry-invalid',
    message: expect.stringContaining(registry.file),
  })
  await expect(registry.add('flux', { folder: '/m' })).rejects.toMatchObject({ code: 'nodes/registry-invalid' })
  expect(await readFile(registry.file, 'utf8')).toBe(text)
})

test('additions at the same time all arrive', async () => {
  const names = Array.from({ length: 8 }, (_, i) => `model-${i}`)
  await Promise.all(names.map((name) => registry.add(name, { folder: `/models/${name}` })))
  expect(Object.keys(await registry.list()).sort()).toEqual(names)
})
