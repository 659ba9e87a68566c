import { cp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describeNode } from '@dreamgraph/graph'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { decodePicture } from '../image/decode.js'
import { flow } from '../testing/flow.js'
import { type PackPlace, packPlace, runPackNode } from '../testing/pack.js'
import { flat, pattern } from '../testing/pictures.js'
import { type Studio, studio } from '../testing/studio.js'

const example = fileURLToPath(new URL('../../../examples/packs/posterize', import.meta.url))
let place: PackPlace
let bench: Studio

beforeAll(async () => {
  place = await packPlace()
  bench = await studio()
})
afterAll(() => Promise.all([place.remove(), bench.remove()]))

test('the example paints a picture in few brightnesses', async () => {
  const packs = await place.open([example])
  const told: unknown[] = []
  const image = { width: 4, height: 1, channels: 1, data: Uint8Array.of(0, 60, 130, 255) }
  const options = { inputs: { image }, params: { levels: 3 }, progress: (...args: unknown[]) => told.push(args) }
  expect(await runPackNode(packs, 'posterize/posterize', options)).toEqual({
    image: { ...image, data: Uint8Array.of(0, 0, 128, 255) },
  })
  expect(told).toEqual([[0, 1, undefined]])
  const picture = flat(8, 8, [200, 100, 50, 77])
  const { image: painted } = await runPackNode(packs, 'posterize/posterize', { inputs: { image: picture } })
  expect(painted).toEqual(flat(8, 8, [170, 85, 85, 77]))
  expect(await runPackNode(packs, 'posterize/palette', { inputs: { image: pattern(3, 1, 3) } })).toEqual({ colors: 3 })
})

test('its nodes describe themselves as ours do', async () => {
  const { nodes } = await place.open([example])
  expect(describeNode(nodes[0]!)).toEqual({
    type: 'posterize/posterize',
    version: 1,
    title: 'Posterize',
    description: 'Paints each channel in a few brightnesses, evenly spaced.',
    category: 'posterize',
    resource: 'cpu',
    effect: false,
    volatile: false,
    aliases: [],
    inputs: [expect.objectContaining({ name: 'image', type: 'image', optional: false })],
    params: [
      {
        name: 'levels',
        kind: 'int',
        type: 'int',
        title: 'Levels',
        description: '',
        default: 4,
        options: { min: 2, max: 256 },
      },
    ],
    outputs: [expect.objectContaining({ name: 'image', type: 'image' })],
  })
})

const saved = (levels: number) =>
  flow({
    nodes: {
      load: ['image/load', { file: 'a.png' }],
      few: ['posterize/posterize', { levels }],
      save: ['image/save', { name: 'few' }],
    },
    links: ['load.image > few.image', 'few.image > save.image'],
  })

test('in a flow it is checked, run and cached as any node', async () => {
  const { catalogue, check, run } = await bench.open({ packs: [example] })
  expect(catalogue.find('posterize/palette')?.title).toBe('Count colours')
  expect(check(saved(1))).toMatchObject({ ok: false, errors: [{ node: 'few', code: 'check/param-range' }] })
  const first = await run(saved(2))
  const { data } = await decodePicture(first.written[0]!.path, 'written')
  expect(new Set(data)).toEqual(new Set([0, 255]))
  const again = await run(saved(2))
  expect(again.nodes.get('few')).toMatchObject({ status: 'cached' })
})

test('without the pack, its nodes are unknown', async () => {
  const checked = (await bench.open()).check(saved(2))
  expect(checked).toMatchObject({ ok: false, errors: [{ code: 'check/unknown-type' }] })
})

test('any other file in its folder, and its results are made anew', async () => {
  const copy = join(bench.folder, 'posterize')
  await cp(example, copy, { recursive: true })
  const options = { packs: [copy], home: join(bench.folder, 'digest-home') }
  const statusOf = async (): Promise<string> => {
    const opened = await bench.open(options)
    const { nodes } = await opened.run(saved(2), { targets: ['few'] })
    await opened.close()
    return nodes.get('few')!.status
  }
  expect([await statusOf(), await statusOf()]).toEqual(['ran', 'cached'])
  await writeFile(join(copy, 'levels.mjs'), 'export const levelTable = () => new Uint8Array(256)\n')
  expect([await statusOf(), await statusOf()]).toEqual(['ran', 'cached'])
  await writeFile(join(copy, 'table.bin'), 'data')
  expect(await statusOf()).toBe('ran')
  await rm(join(copy, 'table.bin'))
  expect(await statusOf()).toBe('cached')
})

test('a pack whose files changed is not started again under its old digest', async () => {
  const crash = `export default [{ type: 'moving/end', version: 1, title: 'End', outputs: { a: { type: 'int' } }, run: () => process.exit(0) }]`
  const folder = await place.write('moving', crash)
  const packs = await place.open([folder])
  const ended = { code: 'nodes/pack-ended' }
  await expect(runPackNode(packs, 'moving/end')).rejects.toMatchObject(ended)
  await expect(runPackNode(packs, 'moving/end')).rejects.toMatchObject(ended)
  await writeFile(join(folder, 'new.txt'), '')
  await expect(runPackNode(packs, 'moving/end')).rejects.toMatchObject({ code: 'nodes/pack-changed', userFault: true })
})

test('a node is mapped over a list, one run after the other', async () => {
  const { run } = await bench.open({ packs: [example], cache: 'memory' })
  const listed = flow({
    nodes: {
      a: ['image/load', { file: 'a.png' }],
      b: ['image/load', { file: 'b.png' }],
      list: ['value/image-list'],
      count: ['posterize/palette'],
    },
    links: ['a.image > list.images', 'b.image > list.images', 'list.images > count.image'],
  })
  const result = await run(listed, { targets: ['count'] })
  expect(result.value('count', 'colors')).toEqual([expect.any(Number), expect.any(Number)])
})

test('an image of 12 megapixels comes and goes', async () => {
  const packs = await place.open([example])
  const image = { width: 4000, height: 3000, channels: 3, data: new Uint8Array(36_000_000).fill(200) }
  const { image: out } = (await runPackNode(packs, 'posterize/posterize', { inputs: { image } })) as {
    image: typeof image
  }
  expect([out.width, out.height, out.data.length]).toEqual([4000, 3000, 36_000_000])
  expect([...out.data.subarray(-3)]).toEqual([170, 170, 170])
})
