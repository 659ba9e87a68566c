// A hub that is wrong or means harm: nothing outside the folder is touched, and what is wrong is said.
import { mkdir, readdir, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { openHub } from '@dreamgraph/store'
import { describe, expect, test } from 'vitest'
import { commitOf } from './hub.js'
import { inPlace } from './place.js'

const small = new TextEncoder().encode('{}')
const revision = `/api/models/owner/model/revision/main`

describe('paths that lead out', () => {
  test.each(['../../x.json', '../x.json', '/tmp/x.json', 'a/../../x.json', 'a/../b.json', './x.json', 'a//x.json'])(
    '%s',
    (path) =>
      inPlace({ files: { 'config.json': small, [path]: small } }, async (place) => {
        await expect(place.download()).rejects.toMatchObject({ code: 'store/path-outside', userFault: true })
        expect(await place.files()).toEqual({})
        expect(await readdir(dirname(place.folder))).toEqual(['model'])
        expect(place.local.sentBytes).toBe(0)
      }),
  )

  test.each(['..\\\\x.json', 'C:/x.json', 'a\0.json'])('%j', (path) =>
    inPlace({ files: { [path]: small } }, async (place) => {
      await expect(place.download()).rejects.toMatchObject({ code: 'store/path-outside' })
    }),
  )

  test('over a symbolic link', () =>
    inPlace({ files: { 'vae/config.json': small } }, async (place) => {
      const outside = join(dirname(place.folder), 'outside')
      await mkdir(place.folder)
      await mkdir(outside)
      await symlink(outside, join(place.folder, 'vae'))
      await expect(place.download()).rejects.toMatchObject({ code: 'store/path-outside' })
      expect(await readdir(outside)).toEqual([])
    }))

  test('in a note that was tampered with: nothing outside is removed', () =>
    inPlace({ files: { 'config.json': small } }, async (place) => {
      const kept = join(dirname(place.folder), 'kept')
      await writeFile(kept, '')
      await mkdir(place.folder)
      const note = { repo: 'owner/model', commit: commitOf('b'), files: { '../kept': 'x' } }
      await writeFile(join(place.folder, '.dreamgraph-source.json'), JSON.stringify(note))
      await expect(place.download()).rejects.toMatchObject({ code: 'store/path-outside' })
      expect(await readdir(dirname(place.folder))).toContain('kept')
    }))

  test('a repository cannot bring our own note', () =>
    inPlace({ files: { 'config.json': small, '.dreamgraph-source.json': small } }, async (place) => {
      expect((await place.download()).files).toEqual(['config.json'])
    }))
})

test('the folder of another repository is left alone', () =>
  inPlace({ files: { 'config.json': small } }, async (place) => {
    await mkdir(place.folder)
    const note = { repo: 'owner/other', commit: commitOf('b'), files: { 'config.json': 'x' } }
    await writeFile(join(place.folder, '.dreamgraph-source.json'), JSON.stringify(note))
    await expect(place.download()).rejects.toMatchObject({ code: 'store/download-mixed', message: /owner\/other/ })
  }))

describe('answers that are none', () => {
  const tree = `/api/models/owner/model/tree/${commitOf('a')}`
  const entry = (more: object) =>
    JSON.stringify([{ type: 'file', path: 'a.json', size: 2, oid: commitOf('a'), ...more }])
  test.each<[string, string, string]>([
    ['a page for people', revision, '<html>'],
    ['no commit', revision, '{"sha": "main"}'],
    ['null', revision, 'null'],
    ['no list', tree, '{}'],
    ['a file without a path', tree, entry({ path: 7 })],
    ['a file of less than nothing', tree, entry({ size: -1 })],
    ['a hash of another kind', tree, entry({ lfs: { oid: commitOf('a'), size: 2 } })],
  ])('%s', (_, path, body) =>
    inPlace({ files: { 'a.json': small }, api: (asked) => (asked === path ? { body } : undefined) }, async (place) => {
      await expect(place.download()).rejects.toMatchObject({ code: 'store/hub-invalid' })
    }),
  )

  test('pages that never end', () => {
    const api = (path: string) =>
      path === tree ? { body: '[]', headers: { link: '<?again>; rel="next"' } } : undefined
    return inPlace({ files: { 'a.json': small }, api }, async (place) => {
      await expect(place.download()).rejects.toMatchObject({ code: 'store/hub-invalid', message: /another page/ })
    })
  })

  test.each([
    ['in a circle', revision],
    ['to a file', 'file:///etc/passwd'],
    ['to nowhere', ''],
  ])('redirects %s', (_, location) =>
    inPlace({ files: {}, api: () => ({ status: 302, headers: { location } }) }, async (place) => {
      await expect(place.download()).rejects.toMatchObject({ code: 'store/hub-invalid', message: /redirect/ })
    }),
  )
})

test('a repository without weights, and one that has only pickles', async () => {
  await inPlace({ files: { 'README.md': small } }, async (place) => {
    await expect(place.download()).rejects.toMatchObject({ code: 'store/download-refused' })
  })
  await inPlace({ files: { 'model.ckpt': small } }, async (place) => {
    await expect(place.download()).rejects.toMatchObject({
      code: 'store/download-refused',
      message: /model\.ckpt is a pickle/,
    })
  })
})

test.each(['', 'huggingface.co', 'ftp://hub', 'https://me:secret@hub'])('a hub at %j', (url) => {
  expect(() => openHub({ url })).toThrow('expected a plain web address')
})

test.each(['model', 'owner/../model', '../model', 'owner/..', 'owner/model?x'])('a repository called %s', (repo) =>
  inPlace({ files: {} }, async (place) => {
    await expect(place.download({ repo })).rejects.toMatchObject({ code: 'store/hub-missing' })
    expect(place.local.seen).toEqual([])
  }),
)
