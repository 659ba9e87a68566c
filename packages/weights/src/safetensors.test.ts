import { mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { WeightsError } from './errors.js'
import { readTensor, toFloat32 } from './read.js'
import { openSafetensors } from './safetensors.js'
import { fileBytes, patch, writeHollow } from './testing/files.js'
import { goldenPath } from './testing/golden.js'
import { writeSafetensors } from './write.js'

let dir = ''
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'weights-'))
})
afterAll(() => rm(dir, { recursive: true, force: true }))

test('an official file read and written again is the same bytes', async () => {
  for (const source of [
    goldenPath('lora/weights/extra/alpha_all.safetensors'),
    goldenPath('flux_tiny/weights/transformer/diffusion_pytorch_model.safetensors'),
  ]) {
    const { tensors, metadata } = await openSafetensors(source)
    const copy = join(dir, 'copy.safetensors')
    const sources = [...tensors.values()].reverse().map((view) => ({ ...view, data: () => readTensor(view) }))
    await writeSafetensors(copy, sources, Object.fromEntries(metadata))
    expect((await readFile(copy)).equals(await readFile(source))).toBe(true)
  }
})

test('finds tensors beyond 4 GiB and beyond 2 GiB of size', async () => {
  const file = join(dir, 'huge.safetensors')
  const shapes = [
    { name: 'first', shape: [2 ** 20 * 2500] },
    { name: 'second', shape: [2 ** 20 * 2500] },
    { name: 'last', shape: [3] },
  ]
  await writeHollow(file, shapes, 'U8')
  const last = (await openSafetensors(file)).tensors.get('last')!
  expect(last.parts[0]!.offset).toBeGreaterThan(2 ** 32)
  await patch(file, last.parts[0]!.offset, new Uint8Array([7, 8, 9]))
  expect([...(await readTensor(last))]).toEqual([7, 8, 9])
})

test('a scalar, an empty tensor and every dtype', async () => {
  const file = join(dir, 'kinds.safetensors')
  const header = {
    __metadata__: { note: 'ü' },
    '1': { dtype: 'F32', shape: [], data_offsets: [0, 4] },
    empty: { dtype: 'F8_E4M3', shape: [0, 5], data_offsets: [4, 4] },
    flags: { dtype: 'BOOL', shape: [2], data_offsets: [4, 6] },
    __proto: { dtype: 'I16', shape: [1], data_offsets: [6, 8] },
  }
  await writeFile(file, fileBytes(`${JSON.stringify(header)}   `, 8))
  const opened = await openSafetensors(file)
  expect(opened.metadata.get('note')).toBe('ü')
  expect([...opened.tensors.keys()].sort()).toEqual(['1', '__proto', 'empty', 'flags'])
  expect([...(await toFloat32(opened.tensors.get('1')!))]).toEqual([0])
  expect(await readTensor(opened.tensors.get('empty')!)).toHaveLength(0)
})

test('megabytes of metadata, quotes and colons included', async () => {
  const file = join(dir, 'metadata.safetensors')
  const note = '"a": \\ {}'.repeat(500_000)
  await writeSafetensors(file, [], { note })
  expect((await openSafetensors(file)).metadata.get('note')).toBe(note)
})

const tensor = (dtype: unknown, shape: unknown, offsets: unknown) =>
  JSON.stringify({ t: { dtype, shape, data_offsets: offsets } })

test.each<[string, string, number, bigint?]>([
  ['weights/header-truncated', '{}', 0, 100n],
  ['weights/header-too-large', '{}', 0, 100_000_001n],
  ['weights/header-too-large', '{}', 0, 2n ** 64n - 1n],
  ['weights/header-invalid', '', 0],
  ['weights/header-invalid', ' {}', 0],
  ['weights/header-invalid', '[]', 0],
  ['weights/header-invalid', '{"t":', 0],
  ['weights/header-invalid', '{}x', 0],
  ['weights/header-invalid', `{"a":${'['.repeat(50_000)}`, 0],
  ['weights/header-invalid', '{"t": 1}', 0],
  ['weights/header-invalid', '{"t": []}', 0],
  ['weights/header-invalid', '{"t": null}', 0],
  ['weights/header-duplicate-key', '{"__metadata__":{"a":"1","a":"2"}}', 0],
  [
    'weights/header-duplicate-key',
    '{"t":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"\\u0074":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}',
    1,
  ],
  ['weights/metadata-invalid', '{"__metadata__": []}', 0],
  ['weights/metadata-invalid', '{"__metadata__": {"a": 1}}', 0],
  ['weights/dtype-unknown', tensor('F4', [1], [0, 1]), 1],
  ['weights/dtype-unknown', tensor('toString', [1], [0, 1]), 1],
  ['weights/dtype-unknown', tensor(undefined, [1], [0, 1]), 1],
  ['weights/shape-invalid', tensor('U8', [-1], [0, 1]), 1],
  ['weights/shape-invalid', tensor('U8', [1.5], [0, 1]), 1],
  ['weights/shape-invalid', tensor('U8', '1', [0, 1]), 1],
  ['weights/shape-invalid', tensor('U8', [2 ** 53], [0, 1]), 1],
  ['weights/shape-invalid', tensor('F64', [2 ** 30, 2 ** 30], [0, 1]), 1],
  ['weights/shape-invalid', tensor('U8', [2 ** 50, 2 ** 50, 0], [0, 0]), 0],
  ['weights/size-mismatch', tensor('F32', [1], [0, 1]), 1],
  ['weights/size-mismatch', tensor('U8', [3], [0, 2]), 2],
  ['weights/offsets-invalid', tensor('U8', [1], [0]), 1],
  ['weights/offsets-invalid', tensor('U8', [1], [1, 0]), 1],
  ['weights/offsets-invalid', tensor('U8', [1], [-1, 0]), 1],
  ['weights/offsets-invalid', tensor('U8', [1], [1, 2]), 2], // a hole before it
  ['weights/offsets-invalid', tensor('U8', [2], [0, 2]), 1], // beyond the file
  ['weights/offsets-invalid', tensor('U8', [1], [0, 1]), 2], // bytes that belong to nothing
  [
    'weights/offsets-invalid', // overlap
    '{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}}',
    3,
  ],
])('refuses %s: %.60s', async (code, header, dataBytes, prefix) => {
  const file = join(dir, 'bad.safetensors')
  await writeFile(file, fileBytes(header, dataBytes, prefix))
  await expect(openSafetensors(file)).rejects.toMatchObject({ code, userFault: true })
})

test('refuses what is no file, what is too short, what is not UTF-8', async () => {
  await expect(openSafetensors(dir)).rejects.toMatchObject({ code: 'weights/file-unreadable' })
  await expect(openSafetensors(join(dir, 'absent'))).rejects.toMatchObject({ code: 'weights/file-unreadable' })
  const file = join(dir, 'short')
  for (const length of [0, 7]) {
    await writeFile(file, new Uint8Array(length))
    await expect(openSafetensors(file)).rejects.toMatchObject({ code: 'weights/header-truncated' })
  }
  const bytes = fileBytes('{"??":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}')
  bytes.set([0xc3, 0x28], 10)
  await writeFile(file, bytes)
  await expect(openSafetensors(file)).rejects.toMatchObject({ code: 'weights/header-invalid' })
})

test('a file cut after opening is a typed error', async () => {
  const file = join(dir, 'cut.safetensors')
  await writeSafetensors(file, [{ name: 'a', dtype: 'F32', shape: [4], data: new Float32Array(4) }])
  const { tensors, sizeBytes } = await openSafetensors(file)
  await truncate(file, sizeBytes - 1)
  await expect(readTensor(tensors.get('a')!)).rejects.toMatchObject({ code: 'weights/file-changed' })
})

test('changed bytes give the same tensors or a typed error', async () => {
  const file = join(dir, 'fuzz.safetensors')
  const data = Float32Array.from({ length: 12 }, (_, i) => i)
  await writeSafetensors(
    file,
    [
      { name: 'weight', dtype: 'F32', shape: [3, 4], data },
      { name: 'bias', dtype: 'BF16', shape: [12], data },
    ],
    { format: 'pt' },
  )
  const good = await readFile(file)
  const headerEnd = good.byteLength - 72
  const mutation = fc.record({ at: fc.nat({ max: headerEnd - 1 }), byte: fc.nat({ max: 255 }) })
  const run = fc.asyncProperty(
    fc.array(mutation, { minLength: 1, maxLength: 3 }),
    fc.nat({ max: 80 }),
    async (edits, cut) => {
      const bytes = new Uint8Array(good.subarray(0, good.byteLength - (cut > 72 ? cut : 0)))
      for (const { at, byte } of edits) if (at < bytes.byteLength) bytes[at] = byte
      await writeFile(file, bytes)
      try {
        const { tensors } = await openSafetensors(file)
        for (const view of tensors.values())
          expect((await readTensor(view)).byteLength).toBeLessThanOrEqual(bytes.byteLength)
      } catch (error) {
        expect(error).toBeInstanceOf(WeightsError)
      }
    },
  )
  await fc.assert(run, { seed: 20260901, numRuns: 1500 })
})

test('the writer refuses what would not be a valid file, and leaves the old one', async () => {
  const file = join(dir, 'kept.safetensors')
  const good = { name: 'a', dtype: 'F32', shape: [2], data: new Float32Array(2) } as const
  await writeSafetensors(file, [good])
  const before = await readFile(file)
  for (const bad of [
    [good, good],
    [{ ...good, name: '__metadata__' }],
    [{ ...good, shape: [3] }],
    [{ ...good, shape: [-2] }],
    [{ ...good, dtype: 'I32' as const }],
    [{ ...good, data: async () => new Uint8Array(7) }],
  ])
    await expect(writeSafetensors(file, bad)).rejects.toMatchObject({ code: 'weights/write-invalid' })
  expect((await readFile(file)).equals(before)).toBe(true)
})
