import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openCheckpoint } from './checkpoint.js'
import { openTransformer } from './components.js'
import { WeightsError } from './errors.js'
import { openGguf } from './gguf.js'
import { assertMatch, matchWeights } from './match.js'
import { readTensor, toFloat32 } from './read.js'
import { type GgufSource, ggufBytes, text, u32, u64, writeGguf } from './testing/gguf.js'
import { bflShapes, fluxShapes } from './testing/shapes.js'
import { rows, type WeightView } from './view.js'
import { writeSafetensors } from './write.js'

let dir = ''
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'weights-gguf-'))
})
afterAll(() => rm(dir, { recursive: true, force: true }))

/** Q8_0 rows whose scales are 1/64, so that every number is exact; bytes follow from the seed. */
function q8(shape: readonly number[], seed: number): Uint8Array {
  const blocks = shape.reduce((n, d) => n * d, 1) / 32
  const bytes = Uint8Array.from({ length: 34 * blocks }, (_, i) => (Math.imul(i + seed, 2654435761) >>> 13) & 255)
  for (let i = 0; i < blocks; i++) bytes.set([0x00, 0x24], 34 * i) // 2^-6
  return bytes
}

const floats = (values: readonly number[]): Uint8Array => new Uint8Array(Float32Array.from(values).buffer)

const two: readonly GgufSource[] = [
  { name: 'a', type: 8, shape: [3, 64], data: q8([3, 64], 1) },
  { name: 'b', type: 0, shape: [5], data: floats([1, 2, 3, 4, 5]) },
]

test('tensors are found where they lie, rows are byte ranges, values are right', async () => {
  const file = join(dir, 'two.gguf')
  const numbers = Buffer.concat([text('some.numbers'), u32(9), u32(5), u64(3), u32(1), u32(2), u32(3)])
  const words = Buffer.concat([text('some.words'), u32(9), u32(8), u64(2), text('x'), text('y')])
  for (const version of [2, 3]) {
    await writeGguf(file, { version, alignment: 64, texts: { note: 'ü' }, values: [numbers, words], tensors: two })
    const { tensors, metadata } = await openGguf(file)
    expect(Object.fromEntries(metadata)).toEqual({
      'general.architecture': 'flux',
      'general.alignment': '64',
      note: 'ü',
    })
    expect(tensors.get('a')).toMatchObject({ dtype: 'Q8_0', shape: [3, 64] })
    expect(await readTensor(tensors.get('a')!)).toEqual(new Uint8Array(two[0]!.data))
    const whole = await toFloat32(tensors.get('a')!)
    expect(await toFloat32(rows(tensors.get('a')!, 1, 2))).toEqual(whole.slice(64, 128))
    expect([...(await toFloat32(tensors.get('b')!))]).toEqual([1, 2, 3, 4, 5])
  }
})

test('a header of megabytes is read on until it ends', async () => {
  const file = join(dir, 'long.gguf')
  await writeGguf(file, { texts: { vocabulary: 'word '.repeat(900_000) }, tensors: two })
  expect((await openGguf(file)).tensors.size).toBe(2)
})

test('FLUX under its original names opens through the same map as safetensors, with the same numbers', async () => {
  const size = {
    hidden: 64,
    headDim: 32,
    doubleBlocks: 1,
    singleBlocks: 2,
    channels: 64,
    textDim: 64,
    pooledDim: 32,
    hasGuidance: true,
  }
  const tensors = [...bflShapes(size)].map(({ name, shape }, seed): GgufSource => {
    if (shape.length > 1) return { name, type: 8, shape, data: q8(shape, seed) }
    return { name, type: 0, shape, data: floats(Array.from({ length: shape[0]! }, (_, i) => i + seed)) }
  })
  const folder = join(dir, 'flux')
  const [small, plain] = [join(dir, 'flux1-dev-Q8_0.gguf'), join(folder, 'flux1-dev.safetensors')]
  await writeGguf(small, { tensors })
  const raw = await openCheckpoint(small)
  const sources = [...raw.tensors.values()].map(({ name, shape }) => {
    return { name, shape, dtype: 'F32', data: () => toFloat32(raw.tensors.get(name)!) } as const
  })
  await writeSafetensors(plain, sources)
  const [opened, expected] = [await openTransformer(small), await openTransformer(plain)]
  expect(opened.layout).toBe('bfl')
  expect(opened.weights.get('transformer_blocks.0.attn.to_k.weight')).toMatchObject({
    dtype: 'Q8_0',
    shape: [64, 64],
  })
  assertMatch(matchWeights(fluxShapes(size), opened.weights, { blocks: 'allow' }), small, { unexpected: 'refuse' })
  expect(matchWeights(fluxShapes(size), opened.weights).notFloat.length).toBeGreaterThan(20)
  for (const [name, view] of expected.weights)
    expect(Buffer.compare(await bytesOf(opened.weights.get(name)!), await bytesOf(view)), name).toBe(0)
})

const bytesOf = async (view: WeightView): Promise<Uint8Array> => new Uint8Array((await toFloat32(view)).buffer)

const head = (tensors: number, values: number, version = 3): Uint8Array[] => [
  new TextEncoder().encode('GGUF'),
  u32(version),
  u64(tensors),
  u64(values),
]
const info = (name: string, shape: readonly (number | bigint)[], type: number, offset: number): Uint8Array =>
  Buffer.concat([text(name), u32(shape.length), ...shape.map(u64), u32(type), u64(offset)])
const room = new Uint8Array(4096)

test.each<[string, string, readonly Uint8Array[]]>([
  ['weights/header-invalid', 'GGUF at the start', [new TextEncoder().encode('GGML'), room]],
  ['weights/header-invalid', 'version 2 or 3', [...head(0, 0, 1), room]],
  ['weights/header-truncated', 'whole header', head(1, 0)],
  ['weights/header-truncated', 'whole header', [...head(0, 1), u64(2n ** 40n)]],
  ['weights/header-truncated', 'whole header', head(2 ** 50, 0)],
  ['weights/header-invalid', 'below 2^53', [...head(0, 1), u64(2n ** 60n)]],
  ['weights/header-invalid', 'type 0 to 12', [...head(0, 1), text('k'), u32(13), room]],
  ['weights/header-invalid', 'UTF-8', [...head(0, 1), u64(1), Uint8Array.of(0xff), room]],
  [
    'weights/header-duplicate-key',
    'got k again',
    [...head(0, 2), text('k'), u32(0), Uint8Array.of(1), text('k'), u32(0), Uint8Array.of(1), room],
  ],
  ['weights/header-duplicate-key', 'got t again', [...head(2, 0), info('t', [8], 0, 0), info('t', [8], 0, 32), room]],
  ['weights/shape-invalid', 'at most 4 dimensions', [...head(1, 0), info('t', [1, 1, 1, 1, 1], 0, 0), room]],
  ['weights/shape-invalid', 'blocks of 32', [...head(1, 0), info('t', [40, 2], 8, 0), room]],
  ['weights/shape-invalid', 'below 2^53', [...head(1, 0), info('t', [2n ** 40n, 2n ** 40n], 0, 0), room]],
  ['weights/dtype-unknown', 'got Q3_K', [...head(1, 0), info('t', [256], 11, 0), room]],
  ['weights/dtype-unknown', 'got type 99', [...head(1, 0), info('t', [256], 99, 0), room]],
  ['weights/offsets-invalid', 'multiple of 32', [...head(1, 0), info('t', [8], 0, 4), room]],
  [
    'weights/offsets-invalid',
    'no tensor over another',
    [...head(2, 0), info('t', [64], 0, 0), info('u', [8], 0, 32), room],
  ],
  ['weights/offsets-invalid', 'within the file', [...head(1, 0), info('t', [2 ** 20], 0, 0), room]],
])('%s: %s', async (code, reason, parts) => {
  const file = join(dir, 'broken.gguf')
  await writeFile(file, Buffer.concat(parts))
  await expect(openGguf(file)).rejects.toMatchObject({ code, message: expect.stringContaining(reason) })
  await expect(openGguf(file)).rejects.toMatchObject({ message: expect.stringContaining('broken.gguf') })
})

test('whatever is done to its bytes, a file opens or is refused with its name', async () => {
  const whole = ggufBytes({ texts: { note: 'n' }, tensors: two })
  const file = join(dir, 'fuzzed.gguf')
  const change = fc.record({ at: fc.nat(whole.byteLength - 1), byte: fc.nat(255) })
  await fc.assert(
    fc.asyncProperty(
      fc.array(change, { minLength: 1, maxLength: 4 }),
      fc.option(fc.nat(whole.byteLength)),
      async (changes, cut) => {
        const bytes = Uint8Array.from(whole)
        for (const { at, byte } of changes) bytes[at] = byte
        await writeFile(file, bytes.subarray(0, cut ?? bytes.byteLength))
        try {
          for (const view of (await openGguf(file)).tensors.values()) await readTensor(view)
        } catch (error) {
          expect(error).toBeInstanceOf(WeightsError)
          expect((error as Error).message).toContain('fuzzed.gguf')
        }
      },
    ),
    { seed: 7, numRuns: 200 },
  )
})
