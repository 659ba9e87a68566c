import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import sharp from 'sharp'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { lockPixels, readPictureRecord } from '../picture-record.js'
import { flat, pattern } from '../testing/pictures.js'
import { runNode, type Surroundings, surroundings } from '../testing/surroundings.js'
import { decodePicture } from './decode.js'
import { imagePreview } from './preview.js'
import { imageSave } from './save.js'

let around: Surroundings
beforeEach(async () => {
  around = await surroundings()
})
afterEach(() => around.remove())

const image = pattern(9, 6, 3)
type SaveParams = Parameters<typeof imageSave.run>[0]['params']
const save = (params: Partial<SaveParams> = {}, picture = image, services = around.services) =>
  runNode(imageSave, { image: picture }, params, { ...around, services })
const files = async () => (await readdir(around.folder)).sort()
const inFolder = (name: string) => join(around.folder, name)

test('a PNG holds the pixels and the record of its making', async () => {
  const models = [{ role: 'transformer', file: 'flux.safetensors', sha256: '0'.repeat(64) }]
  const record = { workflow: '{"dreamgraph":2,"nodes":{}}', inputs: { prompt: 'Käse' }, models: () => models }
  await save({}, image, { ...around.services, record })
  const bytes = await readFile(inFolder('picture-0001.png'))
  expect(await decodePicture(inFolder('picture-0001.png'), 'x')).toEqual(image)
  expect(readPictureRecord(bytes)).toMatchObject({
    workflow: record.workflow,
    inputs: record.inputs,
    lock: { models, pixels: lockPixels(image) },
  })
  expect(around.written).toEqual([inFolder('picture-0001.png')])
})

test.each([1, 4] as const)('a picture of %i channels stays one', async (channels) => {
  const picture = pattern(5, 5, channels)
  await save({}, picture)
  expect((await sharp(inFolder('picture-0001.png')).metadata()).channels).toBe(channels)
  const pixels = sharp(inFolder('picture-0001.png')).toColourspace(channels === 1 ? 'b-w' : 'srgb')
  const data = await pixels.raw().toBuffer()
  expect(new Uint8Array(data)).toEqual(picture.data)
})

test('the same picture gives the same bytes', async () => {
  await save()
  await save()
  expect(await readFile(inFolder('picture-0002.png'))).toEqual(await readFile(inFolder('picture-0001.png')))
})

test('without record on request', async () => {
  await save({ record: false })
  expect(readPictureRecord(await readFile(inFolder('picture-0001.png')))).toBeUndefined()
})

test('JPEG and WebP; transparency is laid over white in JPEG', async () => {
  const clear = flat(8, 8, [10, 20, 30, 0])
  await save({ format: 'jpeg' }, clear)
  await save({ format: 'webp' }, clear)
  expect(await files()).toEqual(['picture-0001.jpg', 'picture-0002.webp'])
  expect([...(await decodePicture(inFolder('picture-0001.jpg'), 'x')).data.subarray(0, 3)]).toEqual([255, 255, 255])
  expect((await decodePicture(inFolder('picture-0002.webp'), 'x')).channels).toBe(4)
})

test('numbers go on after the highest, in the order of the calls', async () => {
  await writeFile(inFolder('cat-0007.jpg'), 'old')
  await writeFile(inFolder('cat-extra-0100.png'), 'other name')
  await Promise.all([1, 2, 3, 4, 5].map((value) => save({ name: 'cat' }, flat(4, 4, [value, 0, 0]))))
  const numbered = ['cat-0008.png', 'cat-0009.png', 'cat-0010.png', 'cat-0011.png', 'cat-0012.png']
  expect(await files()).toEqual(['cat-0007.jpg', ...numbered, 'cat-extra-0100.png'])
  for (const [index, name] of numbered.entries()) {
    expect((await decodePicture(inFolder(name), name)).data[0]).toBe(index + 1)
  }
  expect(await readFile(inFolder('cat-0007.jpg'), 'utf8')).toBe('old')
})

test('a number that another process takes in the meantime is passed over', async () => {
  await writeFile(inFolder('cat-0001.png'), '')
  const saving = save({ name: 'cat' })
  await writeFile(inFolder('cat-0002.png'), 'theirs')
  await saving
  expect(await readFile(inFolder('cat-0002.png'), 'utf8')).toBe('theirs')
  expect(await files()).toEqual(['cat-0001.png', 'cat-0002.png', 'cat-0003.png'])
})

test('overwrite replaces what older runs left, never a picture of the same run', async () => {
  await writeFile(inFolder('cat.png'), 'old')
  const overwrite = (value: number) => save({ name: 'cat', existing: 'overwrite' }, flat(4, 4, [value, 0, 0]))
  await Promise.all([1, 2, 3].map(overwrite))
  expect(await files()).toEqual(['cat-2.png', 'cat-3.png', 'cat.png'])
  const nextRun = { ...around.services, record: { ...around.services.record } }
  await save({ name: 'cat', existing: 'overwrite' }, flat(4, 4, [9, 0, 0]), nextRun)
  expect(await files()).toEqual(['cat-2.png', 'cat-3.png', 'cat.png'])
  expect((await decodePicture(inFolder('cat.png'), 'x')).data[0]).toBe(9)
})

test('names may hold folders, dots and what file systems refuse', async () => {
  await save({ name: 'pets/a "cat": v1.5?' })
  expect(around.written.map((path) => relative(around.folder, path))).toEqual(['pets/a _cat__ v1.5_-0001.png'])
})

test('a name as long as a prompt is cut between letters', async () => {
  await save({ name: `${'漢字🐱'.repeat(100)}/${'a'.repeat(400)}` })
  const [folder] = await files()
  expect(folder).toBe('漢字🐱'.repeat(18))
  expect(await readdir(inFolder(folder!))).toEqual([`${'a'.repeat(180)}-0001.png`])
})

test.each([
  ['', 'nodes/name-invalid'],
  ['   ', 'nodes/name-invalid'],
  ['folder/', 'nodes/name-invalid'],
  ['..', 'nodes/name-invalid'],
  ['../up', 'store/path-outside'],
  ['/etc/cat', 'store/path-outside'],
])('refuses the name %j and writes nothing', async (name, code) => {
  await expect(save({ name })).rejects.toMatchObject({ code, userFault: true })
  expect(await files()).toEqual([])
})

test('a file where the folder should be is a typed fault', async () => {
  await mkdir(inFolder('sub'))
  await writeFile(inFolder('sub/file'), '')
  await expect(save({ name: 'sub/file/cat', existing: 'overwrite' })).rejects.toThrow()
  expect(around.written).toEqual([])
})

test('a preview shows the picture as it is and writes nothing', async () => {
  await runNode(imagePreview, { image }, {}, around)
  expect(around.previews).toEqual([{ kind: 'picture', image }])
  expect(await files()).toEqual([])
})
