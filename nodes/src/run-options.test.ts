import { mkdir, readdir } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { flow } from './testing/flow.js'
import { type Studio, studio } from './testing/studio.js'
import type { WrittenFile } from './written-files.js'

let place: Studio
beforeAll(async () => {
  place = await studio()
})
afterAll(() => place.remove())

const copies = flow({
  nodes: {
    load: ['image/load', { file: 'theirs.png' }],
    small: ['image/resize', { width: 8, height: 8 }],
    whole: ['image/save', { name: 'whole' }],
    part: ['image/save', { name: 'parts/part' }],
  },
  links: ['load.image > small.image', 'load.image > whole.image', 'small.image > part.image'],
})
const toB = async (path: string): Promise<string | undefined> =>
  path === 'theirs.png' ? join(place.folder, 'b.png') : undefined

test('a run may find input files in its own way, also where input is confined to folders', async () => {
  const bench = await place.open({ cache: 'memory', confineInputs: true, inputFolders: [] })
  const { value } = await bench.run(copies, { targets: ['load'], resolveInput: toB })
  expect(value('load', 'image')).toMatchObject({ width: 32, height: 32 })
  const other = flow({ nodes: { load: ['image/load', { file: 'a.png' }] } })
  const left = bench.run(other, { targets: ['load'], resolveInput: toB })
  await expect(left).rejects.toMatchObject({ cause: { code: 'store/path-outside' } })
})

test('what it throws is the fault of the node that asked', async () => {
  const bench = await place.open({ cache: 'memory' })
  const resolveInput = () => Promise.reject(new Error('not yours'))
  await expect(bench.run(copies, { resolveInput })).rejects.toMatchObject({
    node: 'load',
    cause: { message: 'not yours' },
  })
})

test('two runs at once write into folders of their own, and each is told of its own files, by node', async () => {
  const bench = await place.open({ cache: 'memory' })
  const runs = ['one', 'two'].map(async (name) => {
    const outputFolder = join(place.folder, name)
    await mkdir(outputFolder)
    const told: WrittenFile[] = []
    const result = await bench.run(copies, { resolveInput: toB, outputFolder, onWritten: (file) => told.push(file) })
    expect(result.written).toEqual(told)
    return { outputFolder, told }
  })
  for (const { outputFolder, told } of await Promise.all(runs)) {
    const byNode = Object.fromEntries(told.map((file) => [file.node, file]))
    expect(byNode).toEqual({
      whole: { node: 'whole', kind: 'image', isNumbered: true, path: join(outputFolder, 'whole-0001.png') },
      part: { node: 'part', kind: 'image', isNumbered: true, path: join(outputFolder, 'parts/part-0001.png') },
    })
    expect((await readdir(outputFolder)).sort()).toEqual(['parts', 'whole-0001.png'])
  }
})

test('a file is told of before its node has finished', async () => {
  const bench = await place.open({ cache: 'memory', outputFolder: join(place.folder, 'order') })
  const order: string[] = []
  await bench.run(copies, {
    resolveInput: toB,
    onWritten: ({ node, path }) => order.push(`wrote ${node} ${basename(dirname(path))}`),
    onEvent: (event) => event.type === 'node-finished' && order.push(`finished ${event.node}`),
  })
  for (const [node, folder] of [
    ['whole', 'order'],
    ['part', 'parts'],
  ]) {
    const at = order.indexOf(`wrote ${node} ${folder}`)
    expect(at).toBeGreaterThanOrEqual(0)
    expect(order.indexOf(`finished ${node}`)).toBeGreaterThan(at)
  }
})

test('the items of a list are told of under the one node', async () => {
  const bench = await place.open({ cache: 'memory', outputFolder: join(place.folder, 'items') })
  const listed = flow({
    nodes: {
      a: ['image/load', { file: 'a.png' }],
      b: ['image/load', { file: 'b.png' }],
      list: ['value/image-list'],
      save: ['image/save', { name: 'item' }],
    },
    links: ['a.image > list.images', 'b.image > list.images', 'list.images > save.image'],
  })
  const { written } = await bench.run(listed)
  expect(written.map(({ node, path }) => [node, basename(path)]).sort()).toEqual([
    ['save', 'item-0001.png'],
    ['save', 'item-0002.png'],
  ])
})
