// Picture nodes in whole flows, through the checker and the executor.
import { copyFile, mkdir, readdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { catalogue, check, execute, memoryCache, type Plan, type Workflow } from '@dreamgraph/graph'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Services } from '../services.js'
import { flat, pattern } from '../testing/pictures.js'
import { type Surroundings, surroundings } from '../testing/surroundings.js'
import { detector, parser } from '../testing/vision-models.js'
import { valueNodes } from '../value/index.js'
import { decodePicture } from './decode.js'
import { encodePicture } from './encode.js'
import { imageNodes } from './index.js'

const nodes = catalogue<Services>([...imageNodes, ...valueNodes])
let around: Surroundings
beforeEach(async () => {
  around = await surroundings()
  await mkdir(join(around.folder, 'models'))
})
afterEach(() => around.remove())

const put = (name: string, bytes: Uint8Array) => writeFile(join(around.folder, name), bytes)
const pictures = async () => (await readdir(around.folder)).filter((name) => name.endsWith('.png')).sort()

/** A plan of nodes `{ id: [type, params] }` and links `a.x -> b.y`. */
function plan(of: Record<string, [string, object]>, links: readonly string[]): Plan<Services> {
  const end = (text: string) => {
    const [node, socket] = text.split('.') as [string, string]
    return { node, socket }
  }
  const document = {
    dreamgraph: 2,
    nodes: Object.fromEntries(Object.entries(of).map(([id, [type, params]]) => [id, { type, params }])),
    links: links.map((link) => {
      const [from, to] = link.split(' -> ') as [string, string]
      return { from: end(from), to: end(to) }
    }),
  } as Workflow
  const result = check(document, nodes)
  if (!result.ok) throw new Error(result.errors.map(({ message }) => message).join('\n'))
  return result.plan
}

test('a list of names saves a picture under each; a second run loads nothing', async () => {
  await put('in.png', await encodePicture(pattern(64, 32, 3), 'png'))
  const flow = plan(
    {
      load: ['image/load', { file: 'in.png' }],
      small: ['image/resize-area', { side: 32 }],
      names: ['value/text-list', { lines: 'b\na\nc' }],
      save: ['image/save', {}],
    },
    ['load.image -> small.image', 'small.image -> save.image', 'names.texts -> save.name'],
  )
  const cache = memoryCache()
  await execute(flow, { services: around.services, cache })
  expect(await pictures()).toEqual(['a-0001.png', 'b-0001.png', 'c-0001.png', 'in.png'])
  const { nodes } = await execute(flow, { services: around.services, cache })
  expect(nodes.get('load')?.status).toBe('cached')
  expect(nodes.get('save')?.items).toEqual({ count: 3, ran: 3 })
  expect(await pictures()).toContain('b-0002.png')
})

test('another picture under the same name is seen', async () => {
  await put('in.png', await encodePicture(flat(4, 4, [1, 1, 1]), 'png'))
  const flow = plan({ load: ['image/load', { file: 'in.png' }], save: ['image/save', { existing: 'overwrite' }] }, [
    'load.image -> save.image',
  ])
  const cache = memoryCache()
  await execute(flow, { services: around.services, cache })
  await put('other.png', await encodePicture(flat(4, 4, [2, 2, 2]), 'png'))
  await rename(join(around.folder, 'other.png'), join(around.folder, 'in.png'))
  const services = { ...around.services, record: { ...around.services.record } }
  await execute(flow, { services, cache })
  expect((await decodePicture(join(around.folder, 'picture.png'), 'x')).data[0]).toBe(2)
})

test('a switch leaves the other side alone', async () => {
  await put('in.png', await encodePicture(pattern(8, 8, 3), 'png'))
  const flow = plan(
    {
      load: ['image/load', { file: 'in.png' }],
      absent: ['image/load', { file: 'absent.png' }],
      choose: ['switch/image', { condition: true }],
      save: ['image/save', {}],
    },
    ['load.image -> choose.onTrue', 'absent.image -> choose.onFalse', 'choose.value -> save.image'],
  )
  await execute(flow, { services: around.services })
  expect(await pictures()).toEqual(['in.png', 'picture-0001.png'])
})

test('a photograph without a face gives no picture where it is told to skip', async () => {
  await put('in.png', await encodePicture(flat(32, 32, [0, 0, 0]), 'png'))
  await put('models/face-detector.onnx', detector(64, []))
  await put('models/face-parser.onnx', parser())
  const flow = plan(
    {
      load: ['image/load', { file: 'in.png' }],
      face: ['image/face-crop', { noFace: 'skip' }],
      cut: ['image/apply-mask', {}],
      save: ['image/save', {}],
    },
    ['load.image -> face.image', 'face.image -> cut.image', 'face.mask -> cut.mask', 'cut.image -> save.image'],
  )
  const { nodes } = await execute(flow, { services: around.services })
  expect(nodes.get('save')?.items?.count).toBe(0)
  expect(await pictures()).toEqual(['in.png'])
})

test('a missing file fails its node, with the code that names the fault', async () => {
  await copyFile(new URL(import.meta.url), join(around.folder, 'text.png'))
  for (const [file, code] of [
    ['absent.png', 'nodes/file-missing'],
    ['text.png', 'nodes/image-unreadable'],
  ]) {
    const flow = plan({ load: ['image/load', { file }], save: ['image/save', {}] }, ['load.image -> save.image'])
    const run = execute(flow, { services: around.services })
    await expect(run).rejects.toMatchObject({ code: 'run/node-failed', node: 'load', cause: { code, userFault: true } })
  }
  expect(await pictures()).toEqual(['text.png'])
})
