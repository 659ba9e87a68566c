// Safetensors files and sharded checkpoints that are torn or that lie.
import { mkdir } from 'node:fs/promises'
import { openCheckpoint } from '@dreamgraph/weights'
import type { Place } from './place.js'
import { safetensors, zeros } from './safetensors.js'
import { type BadInput, testBadInputs } from './table.js'

const file = (name: string, code: string, content: string | Uint8Array, says = 'model.safetensors'): BadInput => ({
  name,
  attempt: async (place) => openCheckpoint(await place.put('model.safetensors', content)),
  code,
  says,
})

const f32 = (shape: readonly unknown[], ...data_offsets: unknown[]) => ({ dtype: 'F32', shape, data_offsets })

const index = (
  name: string,
  code: string,
  content: string | object,
  says: string,
  prepare?: (place: Place) => unknown,
): BadInput => ({
  name,
  attempt: async (place) => {
    await prepare?.(place)
    const text = typeof content === 'string' ? content : JSON.stringify(content)
    return openCheckpoint(await place.put('model.safetensors.index.json', text))
  },
  code,
  says,
})

testBadInputs([
  file('an empty file', 'weights/header-truncated', ''),
  file('seven bytes', 'weights/header-truncated', 'seven b'),
  file('text', 'weights/header-too-large', 'this is no checkpoint at all'),
  file('a header longer than the file', 'weights/header-truncated', safetensors('{}', 0, 1000n)),
  file('a header of 2^63 bytes', 'weights/header-too-large', safetensors('{}', 0, 2n ** 63n)),
  file('a header that is no JSON', 'weights/header-invalid', safetensors('{"a": ')),
  file('a header that is a list', 'weights/header-invalid', safetensors('[]')),
  file('a header that begins with a space', 'weights/header-invalid', safetensors(' {}')),
  file('a header that is not UTF-8', 'weights/header-invalid', safetensors(Uint8Array.of(0x7b, 0xff, 0x7d))),
  file('a tensor that is a number', 'weights/header-invalid', safetensors({ w: 5 }), 'tensor w'),
  file(
    'a tensor twice',
    'weights/header-duplicate-key',
    safetensors(
      '{"w":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},"w":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}',
    ),
  ),
  file('metadata with numbers', 'weights/metadata-invalid', safetensors({ __metadata__: { format: 1 } })),
  file(
    'a dtype that does not exist',
    'weights/dtype-unknown',
    safetensors({ w: { ...f32([1], 0, 4), dtype: 'F12' } }, 4),
    'F12',
  ),
  file(
    'a dtype called constructor',
    'weights/dtype-unknown',
    safetensors({ w: { ...f32([1], 0, 4), dtype: 'constructor' } }, 4),
  ),
  file('a negative size', 'weights/shape-invalid', safetensors({ w: f32([-1], 0, 4) }, 4)),
  file('a size with a fraction', 'weights/shape-invalid', safetensors({ w: f32([0.5], 0, 2) }, 2)),
  file('a shape beyond 2^53', 'weights/shape-invalid', safetensors({ w: f32([2 ** 40, 2 ** 40], 0, 4) }, 4)),
  file('fewer bytes than the shape needs', 'weights/size-mismatch', safetensors({ w: f32([2], 0, 4) }, 4), '8 bytes'),
  file('offsets in reverse', 'weights/offsets-invalid', safetensors({ w: f32([1], 4, 0) }, 4)),
  file('offsets as text', 'weights/offsets-invalid', safetensors({ w: f32([1], '0', '4') }, 4)),
  file(
    'tensors that overlap',
    'weights/offsets-invalid',
    safetensors({ a: f32([2], 0, 8), b: f32([1], 4, 8) }, 8),
    'tensor b',
  ),
  file(
    'a hole between tensors',
    'weights/offsets-invalid',
    safetensors({ a: f32([1], 0, 4), b: f32([1], 8, 12) }, 12),
    'tensor b',
  ),
  file('a tensor beyond the end', 'weights/offsets-invalid', safetensors({ w: f32([2], 0, 8) }, 4)),
  file('data that no tensor owns', 'weights/offsets-invalid', safetensors({ w: f32([1], 0, 4) }, 400)),
  {
    name: 'no file',
    attempt: (place) => openCheckpoint(`${place.in}/none.safetensors`),
    code: 'weights/file-unreadable',
  },
  { name: 'an empty folder', attempt: (place) => openCheckpoint(place.in), code: 'weights/folder-empty' },
  {
    name: 'a folder with two checkpoints',
    attempt: async (place) => {
      await place.put('a.safetensors', zeros({}))
      await place.put('b.safetensors', zeros({}))
      return openCheckpoint(place.in)
    },
    code: 'weights/folder-ambiguous',
    says: 'a.safetensors, b.safetensors',
  },
  {
    name: 'a folder called like a checkpoint',
    attempt: async (place) => {
      await mkdir(`${place.in}/model.safetensors`)
      return openCheckpoint(place.in)
    },
    code: 'weights/file-unreadable',
  },
  index('an index that is no JSON', 'weights/index-invalid', 'shards', 'index.json'),
  index('an index without a map', 'weights/index-invalid', { metadata: {} }, 'weight_map'),
  index('an index that maps to numbers', 'weights/index-invalid', { weight_map: { w: 1 } }, 'w'),
  index(
    'a shard that is not there',
    'weights/shard-missing',
    { weight_map: { w: 'model-1.safetensors' } },
    'model-1.safetensors',
  ),
  index(
    'a shard one folder up',
    'weights/shard-outside',
    { weight_map: { w: '../model.safetensors' } },
    '../model.safetensors',
    (place) => place.put('../model.safetensors', zeros({ w: [1] })),
  ),
  index('a shard by absolute path', 'weights/shard-outside', { weight_map: { w: '/etc/passwd' } }, '/etc/passwd'),
  index(
    'a shard without its tensor',
    'weights/shard-tensor-absent',
    { weight_map: { w: 's.safetensors' } },
    'w',
    (place) => place.put('s.safetensors', zeros({ v: [1] })),
  ),
  index(
    'a shard cut off',
    'weights/header-truncated',
    { weight_map: { w: 's.safetensors' } },
    's.safetensors',
    (place) => place.put('s.safetensors', zeros({ w: [1] }).slice(0, 40)),
  ),
])
