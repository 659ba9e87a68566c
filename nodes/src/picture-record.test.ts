import { expect, test } from 'vitest'
import { encodePicture } from './image/encode.js'
import { lockPixels, pictureRecord, readPictureRecord, writePictureRecord } from './picture-record.js'
import { writePngTexts } from './png-text.js'
import { pattern } from './testing/pictures.js'

const image = pattern(5, 4, 3)
const png = await encodePicture(image, 'png')
const run = {
  workflow: '{ "dreamgraph": 2 }\n',
  inputs: { prompt: 'a cat', seed: 11980469406460273604n, steps: 12 },
  models: () => [{ role: 'vae', file: 'ae.safetensors', sha256: 'ab'.repeat(32) }],
}

test('the record of a picture comes back as it was, seeds to the last digit', () => {
  const record = pictureRecord(image, run)
  expect(readPictureRecord(writePictureRecord(png, record))).toEqual(record)
  expect(record.workflow).toBe(run.workflow)
  expect(record.inputs).toEqual({ prompt: 'a cat', seed: '11980469406460273604', steps: 12 })
  expect(record.lock.models).toEqual(run.models())
  expect(record.lock.pixels).toEqual(lockPixels(image))
  expect(record.lock.dreamgraph).toMatch(/^\d+\.\d+\.\d+/)
})

test('equal runs give equal bytes', () => {
  const write = () => writePictureRecord(png, pictureRecord(image, run))
  expect(write()).toEqual(write())
})

test('models are listed in one order, whichever branch opened its own first', () => {
  const lock = (role: string, file: string) => ({ role, file, sha256: 'cd'.repeat(32) })
  const models = [lock('vae', 'b'), lock('clip', 'z'), lock('vae', 'a')]
  const record = pictureRecord(image, { ...run, models: () => models })
  expect(record.lock.models.map(({ file }) => file)).toEqual(['z', 'a', 'b'])
})

test('pixels of another shape or value lock differently', () => {
  const { sha256 } = lockPixels(image)
  expect(lockPixels({ ...image, data: image.data.map((v, i) => (i === 0 ? v ^ 1 : v)) }).sha256).not.toBe(sha256)
  expect(lockPixels({ ...image, width: 4, height: 5 })).not.toEqual(lockPixels(image))
})

test('a picture without record has none', () => {
  expect(readPictureRecord(png)).toBeUndefined()
})

const good = pictureRecord(image, run)
test.each([
  ['no JSON', 'hello'],
  ['a list', '[]'],
  ['no workflow', JSON.stringify({ ...good, workflow: 1 })],
  ['no inputs', JSON.stringify({ ...good, inputs: null })],
  ['no lock', JSON.stringify({ ...good, lock: 'x' })],
  ['no version', JSON.stringify({ ...good, lock: { ...good.lock, dreamgraph: 1 } })],
  ['models of another form', JSON.stringify({ ...good, lock: { ...good.lock, models: [{ file: 'x' }] } })],
  [
    'pixels of another form',
    JSON.stringify({ ...good, lock: { ...good.lock, pixels: { ...good.lock.pixels, sha256: '' } } }),
  ],
])('refuses a record with %s', (_, text) => {
  const fault = expect.objectContaining({ code: 'nodes/record-malformed', userFault: true })
  expect(() => readPictureRecord(writePngTexts(png, { dreamgraph: text }))).toThrow(fault)
})
