// Paths that leave the folder they belong to, and folders that are none.
import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { openRegistry } from '@dreamgraph/nodes'
import { confinedPath, openDiskCache } from '@dreamgraph/store'
import { flow } from './flow.js'
import type { Place } from './place.js'
import { png } from './png.js'
import { type BadInput, testBadInputs } from './table.js'

/** Reads a file where flows of strangers run. A whole picture lies outside, one folder up. */
const reading = (
  name: string,
  file: (place: Place) => string,
  prepare?: (place: Place) => Promise<unknown>,
): BadInput => ({
  name: `reading ${name}`,
  attempt: async (place) => {
    await writeFile(`${place.folder}/secret.png`, png(4, 4))
    await prepare?.(place)
    return place.run(flow({ load: ['image/load', { file: file(place) }] }), { bench: { confineInputs: true } })
  },
  code: 'store/path-outside',
})

const opening = (name: string, type: string, param: string): BadInput => ({
  name: `opening ${name}`,
  attempt: (place) => place.run(flow({ model: [type, { [param]: '../model' }] }), { bench: { confineInputs: true } }),
  code: 'store/path-outside',
  says: '../model',
})

interface Saving {
  readonly name: string
  readonly to: string
  readonly code?: string
  readonly params?: object
  readonly prepare?: (place: Place) => Promise<unknown>
}

const saving = ({ name, to, code = 'store/path-outside', params, prepare }: Saving): BadInput => ({
  name: `saving ${name}`,
  attempt: async (place) => {
    await place.put('cat.png', png(4, 4))
    await prepare?.(place)
    const nodes = { load: ['image/load', { file: 'cat.png' }], save: ['image/save', { name: to, ...params }] } as const
    return place.run(flow(nodes, ['load.image > save.image']))
  },
  code,
})

const linkOut = async (place: Place): Promise<void> => {
  await mkdir(`${place.folder}/elsewhere`)
  await mkdir(place.out)
  await symlink(`${place.folder}/elsewhere`, `${place.out}/link`)
}

testBadInputs([
  reading('one folder up', () => '../secret.png'),
  reading('up and down again', () => 'a/b/../../../secret.png'),
  reading('an absolute path', (place) => `${place.folder}/secret.png`),
  reading('with backslashes', () => '..\\secret.png'),
  reading('a drive letter', () => 'C:secret.png'),
  reading('with NUL', () => 'cat.png\0.txt'),
  reading(
    'through a symlink',
    () => 'cat.png',
    (place) => symlink(`${place.folder}/secret.png`, `${place.in}/cat.png`),
  ),
  reading(
    'through a linked folder',
    () => 'up/secret.png',
    (place) => symlink(place.folder, `${place.in}/up`),
  ),
  reading(
    'a symlink to nowhere',
    () => 'cat.png',
    (place) => symlink(`${place.folder}/none`, `${place.in}/cat.png`),
  ),
  opening('a model', 'model/load', 'model'),
  opening('a model from files', 'model/load-files', 'folder'),

  saving({ name: 'one folder up', to: '../cat' }),
  saving({ name: 'one folder up in place of a file', to: '../in/cat', params: { existing: 'overwrite' } }),
  saving({ name: 'to an absolute path', to: '/tmp/cat' }),
  saving({ name: 'up and down again', to: 'a/../../cat' }),
  saving({ name: 'through a linked folder', to: 'link/cat', prepare: linkOut }),
  saving({
    name: 'where the output folder is a file',
    to: 'cat',
    code: 'store/write-failed',
    prepare: (place) => writeFile(place.out, 'not a folder'),
  }),
  {
    name: 'saving below a file',
    attempt: async (place) => {
      await place.put('cat.png', png(4, 4))
      await place.put('taken', 'a file')
      const nodes = { load: ['image/load', { file: 'cat.png' }], save: ['image/save', { name: 'taken/cat' }] } as const
      await place.run(flow(nodes, ['load.image > save.image']), { bench: { outputFolder: place.in } })
    },
    code: 'store/write-failed',
    says: 'taken',
  },
  {
    name: 'a home that is a file',
    attempt: async (place) => place.run(flow({ a: ['value/int'] }), { bench: { home: await place.put('home', '') } }),
    code: 'store/write-failed',
    says: 'home',
  },
  {
    name: 'a list of models that is damaged',
    attempt: async (place) => openRegistry(await place.put('models.json', '{"models": 5}').then(() => place.in)).list(),
    code: 'nodes/registry-invalid',
    says: 'models.json',
  },
  {
    name: 'a list of models that is a folder',
    attempt: async (place) => {
      await mkdir(`${place.in}/models.json`)
      return openRegistry(place.in).list()
    },
    code: 'nodes/registry-invalid',
    says: 'models.json',
  },
  {
    name: 'a model name with a slash',
    attempt: (place) => openRegistry(place.in).add('../x', { folder: '/' }),
    code: 'nodes/model-name-invalid',
    says: '../x',
  },
  {
    name: 'a cache key that is a path',
    attempt: (place) => openDiskCache({ dir: place.in, maxBytes: 1, maxEntries: 1 }).get('../../etc/passwd'),
    code: 'store/key-invalid',
    says: 'hexadecimal',
  },
  {
    name: 'an empty path',
    attempt: (place) => confinedPath(place.in, ''),
    code: 'store/path-outside',
  },
])
