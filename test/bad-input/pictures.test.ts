// Pictures that cannot be read or worked on, and records of their making that cannot be trusted.
import { mkdir } from 'node:fs/promises'
import type { JsonObject } from '@dreamgraph/graph'
import { readPictureRecord } from '@dreamgraph/nodes'
import { flow } from './flow.js'
import type { Place } from './place.js'
import { pixelBomb, png } from './png.js'
import { type BadInput, testBadInputs } from './table.js'

const load = (name: string, code: string, says: string, make: (place: Place) => Promise<unknown>): BadInput => ({
  name,
  attempt: async (place) => {
    await make(place)
    return place.run(flow({ load: ['image/load', { file: 'cat.png' }] }))
  },
  code,
  says,
})

/** A node on a picture of 24×16 with a noisy background. */
const on = (type: string, params: JsonObject, code: string, says: string): BadInput => ({
  name: `${type} ${JSON.stringify(params)}`,
  attempt: async (place) => {
    await place.put('cat.png', png(24, 16, { shade: (x, y) => (x * 97 + y * 61) & 255 }))
    const nodes = { load: ['image/load', { file: 'cat.png' }], node: [type, params] } as const
    return place.run(flow(nodes, ['load.image > node.image']))
  },
  code,
  says,
})

const record = (name: string, text: string, says: string): BadInput => ({
  name: `a record ${name}`,
  attempt: () => readPictureRecord(png(2, 2, { text })),
  code: 'nodes/record-malformed',
  says,
})

const whole = {
  workflow: '{}',
  inputs: {},
  lock: { dreamgraph: '0.1.0', models: [], pixels: { width: 1, height: 1, channels: 3, sha256: '0'.repeat(64) } },
}

testBadInputs([
  load('no file', 'nodes/file-missing', 'cat.png', async () => {}),
  load('a folder', 'nodes/file-missing', 'a folder', (place) => mkdir(`${place.in}/cat.png`)),
  load('an empty file', 'nodes/image-unreadable', 'cat.png', (place) => place.put('cat.png', '')),
  load('text', 'nodes/image-unreadable', 'cat.png', (place) => place.put('cat.png', 'a cat, believe me')),
  load('a picture cut off', 'nodes/image-unreadable', 'cat.png', (place) => {
    return place.put('cat.png', png(64, 64, { shade: (x, y) => (x * y) & 255 }).slice(0, -400))
  }),
  load('a picture with a flipped byte', 'nodes/image-unreadable', 'cat.png', (place) => {
    const bytes = png(64, 64, { shade: (x, y) => (x * y) & 255 })
    bytes[60]! ^= 0xff
    return place.put('cat.png', bytes)
  }),
  load('an SVG, which could reach for other files', 'nodes/image-unreadable', 'svg', (place) => {
    return place.put('cat.png', '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>')
  }),
  load('a header that claims ten gigapixels', 'nodes/image-too-large', '100000×100000', (place) => {
    return place.put('cat.png', pixelBomb(100_000, 100_000))
  }),
  load('a header that claims more pixels than it has', 'nodes/image-unreadable', 'cat.png', (place) => {
    return place.put('cat.png', pixelBomb(9_000, 9_000))
  }),

  on('image/crop', { x: 20, width: 5, height: 5 }, 'nodes/region-outside', '24×16'),
  on('image/pad', { color: 'reddish' }, 'nodes/color-invalid', 'reddish'),
  on('image/resize', { width: 16_384, height: 16_384 }, 'nodes/image-too-large', '16384×16384'),
  on('image/remove-background', { method: 'uniform' }, 'nodes/background-not-uniform', 'remove background'),
  on('image/remove-background', { method: 'model' }, 'nodes/matting-model-missing', 'models/matting.onnx'),
  on('image/face-crop', {}, 'nodes/face-models-missing', 'models/face-detector.onnx'),
  on('image/save', { name: '' }, 'nodes/name-invalid', 'name'),
  on('image/save', { name: 'cats/..' }, 'nodes/name-invalid', 'cats/..'),
  {
    name: 'image/remove-background with a picture for a model',
    attempt: async (place) => {
      await place.put('cat.png', png(8, 8))
      const nodes = {
        load: ['image/load', { file: 'cat.png' }],
        cut: ['image/remove-background', { method: 'model', model: 'cat.png' }],
      } as const
      return place.run(flow(nodes, ['load.image > cut.image']))
    },
    code: 'nodes/model-unsupported',
    says: 'cat.png',
  },
  {
    name: 'a mask of another size than its picture',
    attempt: async (place) => {
      await place.put('cat.png', png(8, 8))
      await place.put('dog.png', png(9, 9))
      const nodes = {
        cat: ['image/load', { file: 'cat.png' }],
        dog: ['image/load', { file: 'dog.png' }],
        node: ['image/apply-mask'],
      } as const
      return place.run(flow(nodes, ['cat.image > node.image', 'dog.mask > node.mask']))
    },
    code: 'nodes/mask-size',
    says: '9×9',
  },

  { name: 'a record in no PNG', attempt: () => readPictureRecord(new Uint8Array(100)), code: 'nodes/png-malformed' },
  {
    name: 'a record in a PNG cut off',
    attempt: () => readPictureRecord(png(9, 9).slice(0, 40)),
    code: 'nodes/png-malformed',
  },
  record('that is prose', 'made with love', 'JSON'),
  record('that is a list', '[]', 'an object'),
  record('without a workflow', JSON.stringify({ ...whole, workflow: 5 }), '"workflow"'),
  record('without a lock', JSON.stringify({ ...whole, lock: undefined }), '"lock"'),
  record(
    'with models that are no list',
    JSON.stringify({ ...whole, lock: { ...whole.lock, models: {} } }),
    '"lock.models"',
  ),
  record(
    'with pixels that are no lock',
    JSON.stringify({ ...whole, lock: { ...whole.lock, pixels: [] } }),
    '"lock.pixels"',
  ),
])
