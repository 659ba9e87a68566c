import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import protobuf from 'protobufjs/light.js'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { darkSubject, detector } from '../testing/vision-models.js'
import { pictureInput, readOnnxFile } from './onnx-file.js'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nodes-onnx-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

async function read(bytes: Uint8Array) {
  const path = join(folder, 'model.onnx')
  await writeFile(path, bytes)
  return readOnnxFile({ path, name: 'model.onnx' })
}

/** One field of a protobuf message with bytes in it, or a number. */
function field(id: number, value: Uint8Array | number | string): Uint8Array {
  const writer = protobuf.Writer.create()
  if (typeof value === 'number')
    return writer
      .uint32(id << 3)
      .uint32(value)
      .finish()
  const bytes = typeof value === 'string' ? new TextEncoder().encode(value) : value
  return writer
    .uint32((id << 3) | 2)
    .bytes(bytes)
    .finish()
}
const concat = (...parts: Uint8Array[]): Uint8Array => Buffer.concat(parts)

/** A ValueInfoProto; sizes that are texts are names for what each run may choose. */
function value(name: string, elemType: number, sizes: readonly (number | string)[]): Uint8Array {
  const dims = sizes.map((size) => field(1, typeof size === 'number' ? field(1, size) : field(2, size)))
  const tensor = concat(field(1, elemType), field(2, concat(...dims)))
  return concat(field(1, name), field(2, field(1, tensor)))
}
const model = (...graph: Uint8Array[]): Uint8Array => concat(field(1, 8), field(7, concat(...graph)))

test('reads the names and shapes of real models', async () => {
  const matting = await read(darkSubject(32))
  expect(matting.inputs).toEqual([{ name: 'picture', isFloat32: true, shape: [1, 3, 32, 32] }])
  expect(matting.outputs.map(({ name }) => name)).toEqual(['alpha'])
  expect((await read(detector(64, []))).outputs).toHaveLength(9)
})

test('free sizes are open, and weights listed among the inputs are none', async () => {
  const picture = value('input.1', 1, ['N', 3, '?', '?'])
  const weight = concat(field(8, 'conv.weight'), field(9, new Uint8Array(64)))
  const file = await read(
    model(
      field(5, weight),
      field(11, picture),
      field(11, value('conv.weight', 1, [4, 4])),
      field(12, value('y', 1, [])),
    ),
  )
  expect(file.inputs.map(({ name }) => name)).toEqual(['input.1'])
  expect(pictureInput(file)).toMatchObject({ name: 'input.1', height: undefined, width: undefined })
})

test.each([
  ['float16', value('x', 10, [1, 3, 8, 8])],
  ['a batch of four', value('x', 1, [4, 3, 8, 8])],
  ['one channel', value('x', 1, [1, 1, 8, 8])],
  ['channels last', value('x', 1, [1, 8, 8, 3])],
])('%s is no picture', async (_, input) => {
  const file = await read(model(field(11, input), field(12, value('y', 1, []))))
  const fault = expect.objectContaining({ code: 'nodes/model-unsupported', userFault: true })
  expect(() => pictureInput(file)).toThrow(fault)
})

test('fuzz: damaged files are read or refused with a typed error', async () => {
  const whole = darkSubject(8)
  const edits = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1, maxLength: 6 })
  await fc.assert(
    fc.asyncProperty(edits, fc.nat(whole.length), async (changes, length) => {
      const bytes = whole.slice()
      for (const [at, byte] of changes) bytes[at] = byte
      const reading = read(bytes.subarray(0, length)).then(
        () => 'read',
        (error) => error.code,
      )
      expect(['read', 'nodes/model-unsupported']).toContain(await reading)
    }),
    { seed: 20265, numRuns: 300 },
  )
})
