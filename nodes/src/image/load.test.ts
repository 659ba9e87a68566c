import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { flat, pattern } from '../testing/pictures.js'
import { runNode, type Surroundings, surroundings } from '../testing/surroundings.js'
import { encodePicture } from './encode.js'
import { imageLoad } from './load.js'

let around: Surroundings
beforeAll(async () => {
  around = await surroundings()
})
afterAll(() => around.remove())

const put = (name: string, bytes: Uint8Array) => writeFile(join(around.folder, name), bytes)
const load = (file: string) => runNode(imageLoad, {}, { file }, around)

test.each([3, 4] as const)('a PNG of %i channels comes back pixel for pixel', async (channels) => {
  const picture = pattern(7, 5, channels)
  await put('p.png', await encodePicture(picture, 'png'))
  const { image, mask } = await load('p.png')
  expect(image).toEqual(picture)
  const alpha = Array.from({ length: 35 }, (_, i) => (channels === 4 ? picture.data[4 * i + 3] : 255))
  expect(mask).toEqual({ width: 7, height: 5, channels: 1, data: Uint8Array.from(alpha) })
})

test('grey becomes RGB', async () => {
  await put('grey.png', await encodePicture(pattern(4, 4, 1), 'png'))
  const { image } = await load('grey.png')
  expect(image.channels).toBe(3)
  expect(image.data.filter((_, i) => i % 3 === 1)).toEqual(pattern(4, 4, 1).data)
})

test('16 bits a channel become 8', async () => {
  const wide = Uint16Array.of(0, 100 * 257, 65535, 300, 20 * 257, 5)
  const raw = { width: 2, height: 1, channels: 3, depth: 'ushort' } as const
  await put('wide.png', await sharp(wide, { raw }).toColourspace('rgb16').png().toBuffer())
  expect([...(await load('wide.png')).image.data]).toEqual([0, 100, 255, 1, 20, 0])
})

test('a colour profile is turned into sRGB', async () => {
  const create = { width: 4, height: 4, channels: 3, background: { r: 200, g: 60, b: 60 } } as const
  await put('p3.png', await sharp({ create }).withIccProfile('p3').png().toBuffer())
  const { data } = (await load('p3.png')).image
  for (const [c, value] of [200, 60, 60].entries()) expect(Math.abs(data[c]! - value)).toBeLessThanOrEqual(2)
})

test('EXIF orientation is applied', async () => {
  const { width, height, channels, data } = pattern(6, 2, 3)
  const raw = { raw: { width, height, channels } }
  await put('turned.png', await sharp(data, raw).withMetadata({ orientation: 6 }).png().toBuffer())
  const { image } = await load('turned.png')
  const upright = await sharp(data, raw).rotate(90).raw().toBuffer()
  expect(image).toEqual({ width: 2, height: 6, channels: 3, data: new Uint8Array(upright) })
})

test.each(['jpeg', 'webp', 'avif', 'tiff', 'gif'] as const)('reads %s', async (format) => {
  const { width, height, channels, data } = flat(16, 8, [200, 40, 90])
  await put('picture.bin', await sharp(data, { raw: { width, height, channels } }).toFormat(format).toBuffer())
  const { image } = await load('picture.bin')
  expect([image.width, image.height]).toEqual([16, 8])
  for (const [c, value] of [200, 40, 90].entries()) expect(Math.abs(image.data[c]! - value)).toBeLessThanOrEqual(4)
})

test('the fingerprint follows the content, not the name', async () => {
  const bytes = await encodePicture(pattern(3, 3, 3), 'png')
  await put('one.png', bytes)
  await put('two.png', bytes)
  await put('other.png', await encodePicture(flat(3, 3, [1, 2, 3]), 'png'))
  const print = (file: string) => {
    return imageLoad.fingerprint({ inputs: {}, params: { file }, services: around.services })
  }
  expect(await print('one.png')).toBe(await print('two.png'))
  expect(await print('one.png')).not.toBe(await print('other.png'))
  await expect(print('absent.png')).rejects.toMatchObject({ code: 'nodes/file-missing' })
})

/** A small PNG whose header claims 20000×20000 pixels, with a checksum that agrees. */
async function hugePng(): Promise<Uint8Array> {
  const png = Buffer.from(await encodePicture(pattern(4, 4, 3), 'png'))
  png.writeUInt32BE(20_000, 16)
  png.writeUInt32BE(20_000, 20)
  png.writeUInt32BE(crc32(png.subarray(12, 29)), 29)
  return png
}

test('a folder, an absent, damaged, foreign, confined or huge file is a typed fault', async () => {
  const png = await encodePicture(pattern(40, 40, 3), 'png')
  await mkdir(join(around.folder, 'folder'))
  await put('cut.png', png.subarray(0, png.length - 40))
  await put('text.png', new TextEncoder().encode('no picture'))
  await put('empty.png', new Uint8Array())
  await put('drawing.svg', new TextEncoder().encode('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'))
  await put('huge.png', await hugePng())
  const faults = {
    absent: 'nodes/file-missing',
    folder: 'nodes/file-missing',
    'cut.png': 'nodes/image-unreadable',
    'text.png': 'nodes/image-unreadable',
    'empty.png': 'nodes/image-unreadable',
    'drawing.svg': 'nodes/image-unreadable',
    'huge.png': 'nodes/image-too-large',
    '../outside.png': 'store/path-outside',
  }
  for (const [file, code] of Object.entries(faults)) {
    await expect(load(file), file).rejects.toMatchObject({ code, userFault: true })
  }
})
