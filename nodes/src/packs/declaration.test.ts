import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type PackPlace, packPlace } from '../testing/pack.js'
import { openWorkbench } from '../workbench.js'
import { readDeclarations } from './declaration.js'

let place: PackPlace
beforeAll(async () => {
  place = await packPlace()
})
afterAll(() => place.remove())

const good = { type: 'p/a', version: 1, title: 'A', outputs: { image: { type: 'image' } }, run: 'function' }
const faultsOf = (...declared: unknown[]): string[] => {
  try {
    readDeclarations('p', declared)
    return []
  } catch (error) {
    return (error as Error).message.split('\n')
  }
}

test('a declaration is completed', () => {
  expect(readDeclarations('p', [good])).toEqual([{ ...good, description: '', inputs: {}, params: {}, resource: 'cpu' }])
})

describe('a fault names pack, node and field', () => {
  test.each([
    [{ ...good, version: 0 }, /^pack p, node p\/a, version: /],
    [{ ...good, title: undefined }, /^pack p, node p\/a, title: .*expected string/],
    [{ ...good, parms: {} }, /^pack p, node p\/a, itself: Unrecognized key: "parms"/],
    [{ ...good, run: undefined }, /^pack p, node p\/a, run: /],
    [{ ...good, effect: true }, /itself: Unrecognized key: "effect"/],
    [{ ...good, resource: 'tpu' }, /, resource: /],
    [{ ...good, outputs: {} }, /, outputs: expected an output/],
    [{ ...good, outputs: { a: { type: 'picture' } } }, /, outputs\.a\.type: .*"image"/],
    [{ ...good, inputs: { a: { type: 'model' } } }, /, inputs\.a\.type: /],
    [{ ...good, inputs: { a: { type: 'file' } } }, /, inputs\.a\.type: /],
    [{ ...good, outputs: { a: { type: 'adapter' } } }, /, outputs\.a\.type: /],
    [{ ...good, inputs: { 'a b': { type: 'image' } } }, /, inputs\.a b: /],
    [JSON.parse(JSON.stringify(good).replace('"image"', '"__proto__"')), /, outputs.*: /],
    [{ ...good, inputs: { a: { type: 'image', lazy: true } } }, /, inputs\.a: Unrecognized key: "lazy"/],
    [{ ...good, params: { a: { kind: 'file' } } }, /, params\.a\.kind: /],
    [{ ...good, params: { a: { kind: 'int', default: 9, max: 5 } } }, /, params\.a: default .* at most 5/],
    [{ ...good, params: { a: { kind: 'int', default: 'x' } } }, /, params\.a\.default: /],
    [{ ...good, params: { a: { kind: 'choice', choices: [] } } }, /, params\.a\.choices/],
    [{ ...good, params: { a: { kind: 'choice', choices: ['x'], default: 'y' } } }, /, params\.a: default/],
    [{ ...good, params: { a: { kind: 'seed', default: '-1' } } }, /, params\.a\.default: expected a seed/],
    [
      { ...good, inputs: { a: { type: 'int' } }, params: { a: { kind: 'int' } } },
      /, params\.a: expected a name that no input/,
    ],
    [{ ...good, type: 'image/load' }, /^pack p, node image\/load, type: expected p\/name/],
    [{ ...good, type: 'p' }, /, type: expected p\/name/],
    [{ ...good, type: 'p/A' }, /, type: expected p\/name/],
    [{ ...good, type: 'p/a/b' }, /, type: expected p\/name/],
    [{ ...good, type: 'pp/a' }, /, type: expected p\/name/],
    [{ ...good, type: 7 }, /^pack p, node 1, type: /],
    [null, /^pack p, node 1, itself: /],
    ['text', /^pack p, node 1, itself: /],
  ])('%j', (declared, message) => {
    const faults = faultsOf(declared)
    expect(faults).toHaveLength(1)
    expect(faults[0]).toMatch(message)
  })

  test('all of them at once', () => {
    expect(faultsOf({ ...good, version: 'x' }, { ...good, type: 'p/b', title: 3 }, good, good)).toEqual([
      expect.stringMatching(/^pack p, node p\/a, version: /),
      expect.stringMatching(/^pack p, node p\/b, title: /),
      'pack p, node p/a, type: expected a name of its own, got one twice',
    ])
  })

  test.each([[undefined], [null], [{}], [[]]])('a default export of %j', (declared) => {
    const opening = () => readDeclarations('p', declared)
    expect(opening).toThrow('pack p, default export: expected an array of 1 to 200 node declarations')
  })
})

describe('a folder that is no pack', () => {
  test.each([
    ['no package.json', {}, /expected a package.json, got ENOENT/],
    ['no JSON', { 'package.json': '{' }, /expected a package.json with name and dreamgraph.pack, got the file/],
    ['no name', { 'package.json': '{"dreamgraph":{"pack":"a.mjs"}}' }, /got name: /],
    [
      'a name in capitals',
      { 'package.json': '{"name":"Pack","dreamgraph":{"pack":"a.mjs"}}' },
      /expected small letters/,
    ],
    ['no module named', { 'package.json': '{"name":"pack"}' }, /got dreamgraph: /],
    ['a module that is not there', { 'package.json': '{"name":"pack","dreamgraph":{"pack":"a.mjs"}}' }, /got a\.mjs/],
    [
      'a module elsewhere',
      { 'package.json': '{"name":"pack","dreamgraph":{"pack":"../a.mjs"}}' },
      /a path inside the folder/,
    ],
  ])('%s', async (name, files, message) => {
    const folder = join(place.folder, name)
    await mkdir(folder)
    for (const [file, text] of Object.entries(files)) await writeFile(join(folder, file), text)
    const opening = place.open([folder])
    await expect(opening).rejects.toMatchObject({ code: 'nodes/pack-invalid', message: expect.stringMatching(message) })
  })

  test('no folder at all, and a path with a star', async () => {
    await expect(place.open([join(place.folder, 'nowhere')])).rejects.toThrow(
      'expected a folder with a package.json, got ENOENT',
    )
    await mkdir(join(place.folder, 'any*'))
    await expect(place.open([join(place.folder, 'any*')])).rejects.toThrow('expected a path without *')
  })
})

const source = (name: string) =>
  `export default [{ type: '${name}/a', version: 1, title: 'A', outputs: { a: { type: 'int' } }, run: () => ({ a: 1 }) }]`

describe('nothing of ours is shadowed', () => {
  test.each(['image', 'model', 'component', 'value', 'dreamo'])('a pack named %s is refused', async (name) => {
    const opening = place.open([await place.write(name, source(name))])
    await expect(opening).rejects.toThrow(`expected a name that is not taken yet, got "${name}"`)
  })

  test('nor is one pack by another', async () => {
    const one = await place.write('twin', source('twin'))
    const other = await place.write('scoped', source('twin'), {
      'package.json': '{"name":"@someone/twin","dreamgraph":{"pack":"pack.mjs"}}',
    })
    await expect(place.open([one, other])).rejects.toThrow('expected a name that is not taken yet, got "twin"')
    expect((await place.open([other])).nodes.map(({ type }) => type)).toEqual(['twin/a'])
  })

  test('a workbench with a faulty pack does not open', async () => {
    const folder = await place.write('faulty', source('image'))
    const opening = openWorkbench({ home: join(place.folder, 'home'), packs: [folder] })
    await expect(opening).rejects.toThrow('pack faulty, node image/a, type: expected faulty/name')
  })
})
