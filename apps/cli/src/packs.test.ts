import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { jsonLines, openPlace, type Place, repository } from './testing/command.js'

const pack = join(repository, 'examples/packs/posterize')
const flow = {
  dreamgraph: 2,
  name: 'few',
  nodes: {
    load: { type: 'image/load', params: { file: join(repository, 'examples/pictures/cat.png') } },
    few: { type: 'posterize/posterize', params: { levels: 3 } },
    count: { type: 'posterize/palette' },
    save: { type: 'image/save', params: { name: 'few' } },
  },
  links: [
    { from: { node: 'load', socket: 'image' }, to: { node: 'few', socket: 'image' } },
    { from: { node: 'few', socket: 'image' }, to: { node: 'count', socket: 'image' } },
    { from: { node: 'few', socket: 'image' }, to: { node: 'save', socket: 'image' } },
  ],
  outputs: { colors: { type: 'int', from: { node: 'count', socket: 'colors' } } },
}

let place: Place
beforeAll(async () => {
  place = await openPlace()
  await writeFile(join(place.folder, 'few.json'), JSON.stringify(flow))
})
afterAll(() => place.remove())

test('nodes --pack describes the nodes of a pack', async () => {
  const listed = await place.run(['nodes', 'posterize', '--pack', pack])
  expect(listed).toMatchObject({ code: 0, stderr: '' })
  expect(listed.stdout).toMatch(/^posterize\/palette +How many different colours a picture has\.$/m)
  expect((await place.run(['nodes', 'posterize'])).code).toBe(2)
})

test('run --pack runs them, and verify --pack makes the picture again', async () => {
  const { code, stdout } = await place.run(['run', 'few.json', '--pack', pack, '--json'])
  expect(code).toBe(0)
  const result = jsonLines(stdout).at(-1) as { outputs: { colors: number }; written: string[] }
  expect(result.outputs.colors).toBeLessThanOrEqual(27)
  const again = await place.run(['verify', result.written[0]!, '--pack', pack])
  expect(again).toMatchObject({ code: 0, stdout: expect.stringContaining('reproduces') })
})

test('without it they are unknown, also to validate', async () => {
  expect((await place.run(['run', 'few.json'])).stderr).toContain('posterize/posterize')
  expect((await place.run(['validate', 'few.json'])).code).toBe(2)
  expect(await place.run(['validate', 'few.json', '--pack', pack])).toMatchObject({ code: 0, stderr: '' })
})

test('a faulty pack is a fault of input, one that fails is a failure', async () => {
  const write = async (name: string, module: string): Promise<string> => {
    await mkdir(join(place.folder, name))
    const manifest = { name, dreamgraph: { pack: 'pack.mjs' } }
    await writeFile(join(place.folder, name, 'package.json'), JSON.stringify(manifest))
    await writeFile(join(place.folder, name, 'pack.mjs'), module)
    return join(place.folder, name)
  }
  const faulty = await place.run(['nodes', '--pack', await write('faulty', 'export default [{ type: "image/load" }]')])
  expect(faulty.code).toBe(2)
  expect(faulty.stderr).toMatch(/^error nodes\/pack-invalid: pack faulty, node image\/load, version: .*[\s\S]*\nhint: /)

  const throwing = `export default [{ type: 'throwing/up', version: 1, title: 'Throw', outputs: { a: { type: 'int' } },
    run() { throw new Error('no') } }]`
  await writeFile(
    join(place.folder, 'throw.json'),
    JSON.stringify({ dreamgraph: 2, name: 'throw', nodes: { up: { type: 'throwing/up' } } }),
  )
  const failed = await place.run(['run', 'throw.json', '--pack', await write('throwing', throwing)])
  expect(failed.code).toBe(1)
  expect(failed.stderr).toContain('error nodes/pack-failed: node up (throwing/up): pack throwing: its node failed: no')
})
