import { crc32, deflateSync } from 'node:zlib'
import fc from 'fast-check'
import sharp from 'sharp'
import { expect, test } from 'vitest'
import { readPngTexts, writePngTexts } from './png-text.js'

const png = new Uint8Array(
  await sharp({ create: { width: 3, height: 2, channels: 3, background: '#123456' } })
    .png()
    .toBuffer(),
)

/** A file with one more chunk before its pixels. */
function withChunk(type: string, data: Uint8Array, file: Uint8Array = png): Uint8Array {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const frame = Buffer.alloc(4)
  frame.writeUInt32BE(data.length)
  const sum = Buffer.alloc(4)
  sum.writeUInt32BE(crc32(body))
  const afterHeader = 8 + 25
  return Buffer.concat([file.subarray(0, afterHeader), frame, body, sum, file.subarray(afterHeader)])
}

test('texts come back, the pixels stay, and other programs read both', async () => {
  const texts = { dreamgraph: '{"größe": "🐱"}', note: '' }
  const written = writePngTexts(png, texts)
  expect(Object.fromEntries(readPngTexts(written))).toEqual(texts)
  const { comments } = await sharp(written).metadata()
  expect(comments).toContainEqual({ keyword: 'dreamgraph', text: texts.dreamgraph })
  expect(await sharp(written).raw().toBuffer()).toEqual(await sharp(png).raw().toBuffer())
})

test('a second text of a keyword replaces the first and keeps the others', () => {
  const twice = writePngTexts(writePngTexts(png, { a: '1', b: '2' }), { a: '3' })
  expect([...readPngTexts(twice)].sort()).toEqual([
    ['a', '3'],
    ['b', '2'],
  ])
  expect(twice.length).toBe(writePngTexts(png, { a: '1', b: '2' }).length)
})

test('reads the chunks of other programs: tEXt, zTXt, compressed iTXt', () => {
  const latin = (text: string) => Buffer.from(text, 'latin1')
  const cases: [string, Uint8Array, string][] = [
    ['tEXt', latin('k\0caf\xe9 \x80'), 'café \x80'],
    ['zTXt', Buffer.concat([latin('k\0\0'), deflateSync(latin('caf\xe9'))]), 'café'],
    ['iTXt', Buffer.concat([latin('k\0\x01\0de\0Schl\xfcssel\0'), deflateSync(Buffer.from('🐱'))]), '🐱'],
  ]
  for (const [type, data, value] of cases) expect(readPngTexts(withChunk(type, data)).get('k')).toBe(value)
})

test('a text that unpacks to more than 64 MiB is refused', () => {
  const bomb = Buffer.concat([Buffer.from('k\0\0', 'latin1'), deflateSync(Buffer.alloc(65 * 1024 * 1024))])
  expect(() => readPngTexts(withChunk('zTXt', bomb))).toThrow(expect.objectContaining({ code: 'nodes/png-malformed' }))
})

test('texts that only together unpack to more than 64 MiB are refused, without being unpacked one by one', () => {
  const part = (index: number) =>
    Buffer.concat([Buffer.from(`k${index}\0\0`, 'latin1'), deflateSync(Buffer.alloc(30 * 1024 * 1024))])
  const many = (count: number) => {
    let file: Uint8Array = png
    for (let index = 0; index < count; index++) file = withChunk('zTXt', part(index), file)
    return file
  }
  expect(readPngTexts(many(2)).size).toBe(2)
  expect(() => readPngTexts(many(3))).toThrow(expect.objectContaining({ code: 'nodes/png-malformed' }))
})

test.each([
  ['nothing', new Uint8Array()],
  ['another format', new TextEncoder().encode('GIF89a, not a PNG')],
  ['the signature alone', png.subarray(0, 8)],
  ['a cut file', png.subarray(0, png.length - 5)],
  ['a wrong checksum', Uint8Array.from(png, (byte, i) => (i === 20 ? byte ^ 1 : byte))],
  ['a length beyond the file', Uint8Array.from(png, (byte, i) => (i === 33 ? 0x7f : byte))],
  ['a text without NUL', withChunk('tEXt', new TextEncoder().encode('keyword'))],
  ['an iTXt with an unknown compression', withChunk('iTXt', Uint8Array.of(107, 0, 2, 0, 0, 0))],
  ['an iTXt that is not UTF-8', withChunk('iTXt', Uint8Array.of(107, 0, 0, 0, 0, 0, 0xff))],
  ['a zTXt that does not unpack', withChunk('zTXt', Uint8Array.of(107, 0, 0, 1, 2, 3))],
])('refuses %s', (_, bytes) => {
  const fault = expect.objectContaining({ code: 'nodes/png-malformed', userFault: true })
  expect(() => readPngTexts(bytes)).toThrow(fault)
})

test('fuzz: any text survives; damaged bytes give texts or a typed error, never anything else', () => {
  const text = fc.string({ unit: 'binary', maxLength: 40 })
  fc.assert(
    fc.property(
      text,
      fc.array(fc.tuple(fc.nat(400), fc.nat(255)), { maxLength: 4 }),
      fc.nat(400),
      (value, edits, cut) => {
        const written = writePngTexts(png, { k: value })
        expect(readPngTexts(written).get('k')).toBe(value)
        const damaged = written.slice(0, Math.max(0, written.length - (cut % 50)))
        for (const [at, byte] of edits) if (at < damaged.length) damaged[at] = byte
        try {
          readPngTexts(damaged)
        } catch (error) {
          expect(error).toMatchObject({ code: 'nodes/png-malformed' })
        }
      },
    ),
    { seed: 20261, numRuns: 400 },
  )
})

test('fuzz: text chunks of any content give a text or a typed error', () => {
  const type = fc.constantFrom('tEXt', 'zTXt', 'iTXt')
  const data = fc.array(fc.constantFrom(0, 0, 1, 65, 0x78, 0x9c, 0xff), { maxLength: 24 })
  fc.assert(
    fc.property(type, data, (name, bytes) => {
      try {
        for (const text of readPngTexts(withChunk(name, Uint8Array.from(bytes))).values())
          expect(text).toBeTypeOf('string')
      } catch (error) {
        expect(error).toMatchObject({ code: 'nodes/png-malformed' })
      }
    }),
    { seed: 20262, numRuns: 400 },
  )
})
