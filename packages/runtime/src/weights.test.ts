import { mkdtemp, open, rm, symlink, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, parse, relative } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import type { ModelSource } from './model-source.js'
import { openRuntime } from './runtime.js'
import type { onnxType, TestGraph } from './testing/model-proto.js'
import { float32, source } from './testing/models.js'

const folder = await mkdtemp(join(tmpdir(), 'runtime-weights-'))
const runtime = await openRuntime({ device: 'cpu' })
afterAll(async () => {
  await runtime.close()
  await rm(folder, { recursive: true })
})

const mebibyte = 2 ** 20

/** y = x · w, with w [side, side] in a file; weights of other dtypes are cast first, as ONNX wants. */
function product(
  type: keyof typeof onnxType,
  file: string,
  side: number,
  bytesPerElement: number,
  copies = 1,
): ModelSource {
  const length = side * side * bytesPerElement
  const location = relative(parse(file).root, file).replaceAll('\\', '/')
  const names = Array.from({ length: copies }, (_, i) => i)
  const cast = type !== 'float32'
  const graph: TestGraph = {
    inputs: [{ name: 'x0', type: 'float32', shape: [1, side] }],
    outputs: [{ name: `x${copies}`, type: 'float32', shape: [1, side] }],
    initializers: names.map((i) => ({
      name: `w${i}`,
      type,
      shape: [side, side],
      data: { location, offset: i * length, length },
    })),
    nodes: [
      // First in the list means last in onnxruntime's order: each cast runs right before its use.
      ...names
        .filter(() => cast)
        .map((i) => ({ op: 'Cast', inputs: [`w${i}`], outputs: [`f${i}`], attributes: { to: 1 } })),
      ...names.map((i) => ({ op: 'MatMul', inputs: [`x${i}`, `${cast ? 'f' : 'w'}${i}`], outputs: [`x${i + 1}`] })),
    ],
  }
  return source(`product of ${type}`, graph, {
    weightBytes: length * copies,
    foldableBytes: cast ? side * side * 4 : 0,
  })
}

describe('weights in files', () => {
  // 1, 2 / -0.5, 0 in each format.
  it.each([
    ['float32', [0, 0, 0x80, 0x3f, 0, 0, 0, 0x40, 0, 0, 0, 0xbf, 0, 0, 0, 0]],
    ['float16', [0, 0x3c, 0, 0x40, 0, 0xb8, 0, 0]],
    ['bfloat16', [0x80, 0x3f, 0, 0x40, 0, 0xbf, 0, 0]],
    ['float8e4m3fn', [0x38, 0x40, 0xb0, 0]],
  ] as const)('are read as %s, mapped and packed', async (type, bytes) => {
    const file = join(folder, `${type}.bin`)
    await writeFile(file, Uint8Array.from(bytes))
    for (const weights of ['mapped', 'packed'] as const) {
      const session = runtime.session(product(type, file, 2, bytes.length / 4), { weights })
      const { x1 } = await session.run({ x0: float32([1, 2], 10, 1) })
      expect([...x1!.data]).toEqual([9.5, 20])
    }
  })

  it('are found behind symbolic links, as a hub cache lays them out', async () => {
    const blobs = await mkdtemp(join(tmpdir(), 'runtime-blobs-'))
    await writeFile(join(blobs, 'blob'), new Uint8Array(Float32Array.of(1, 2, 3, 4).buffer))
    const link = join(folder, 'linked.bin')
    await symlink(join(blobs, 'blob'), link)
    const { x1 } = await runtime.session(product('float32', link, 2, 4)).run({ x0: float32([1, 2], 1, 1) })
    expect([...x1!.data]).toEqual([4, 6])
    await rm(blobs, { recursive: true })
  })

  it.each([
    ['float32', 4],
    ['float16', 2],
    ['bfloat16', 2],
  ] as const)('mapped as %s take no memory beyond the pages of the file', async (type, bytesPerElement) => {
    const side = 1024
    const copies = 128
    const file = join(folder, `${type}-large.bin`)
    await (await open(file, 'w')).close()
    const sizeBytes = side * side * bytesPerElement * copies
    await truncate(file, sizeBytes)
    const fresh = await openRuntime({ device: 'cpu' })
    const session = fresh.session(product(type, file, side, bytesPerElement, copies), { weights: 'mapped' })
    await session.load()
    // Half of the file is far above the noise of an opened model, and far below one copy.
    expect(fresh.status().peakRssBytes).toBeLessThan(160 * mebibyte + sizeBytes / 2)
    await session.run({ x0: { dtype: 'float32', shape: [1, side], data: new Float32Array(side) } })
    expect(fresh.status().peakRssBytes).toBeLessThan(160 * mebibyte + 1.5 * sizeBytes)
    await fresh.close()
  })
})

describe('files and models that are wrong', () => {
  it('runtime/weights-missing names the file', async () => {
    const file = join(folder, 'absent.bin')
    const load = runtime.session(product('float32', file, 2, 4)).load()
    await expect(load).rejects.toMatchObject({
      code: 'runtime/weights-missing',
      message: expect.stringContaining('absent.bin'),
    })
  })

  it.each(['mapped', 'packed'] as const)('runtime/weights-truncated, %s', async (weights) => {
    const file = join(folder, 'short.bin')
    await writeFile(file, new Uint8Array(256 * 256 * 2))
    const load = runtime.session(product('float32', file, 256, 4), { weights }).load()
    await expect(load).rejects.toMatchObject({ code: 'runtime/weights-truncated' })
  })

  it.each([
    ['no protobuf', Buffer.from('not a model')],
    ['nothing', new Uint8Array()],
    [
      'an unknown op',
      source('x', { inputs: [], outputs: [], nodes: [{ op: 'Unheard', inputs: [], outputs: ['y'] }] }).bytes,
    ],
  ])('runtime/model-rejected: %s', async (_, bytes) => {
    const load = runtime.session({ name: 'bad', bytes, weightBytes: 0, peakActivationBytes: 0 }).load()
    await expect(load).rejects.toMatchObject({
      code: 'runtime/model-rejected',
      message: expect.stringMatching(/^bad, load: /),
    })
  })

  it('runtime/run-failed where shapes clash inside the model', async () => {
    const model = source('clash', {
      inputs: ['p', 'q'].map((name) => ({ name, type: 'float32', shape: [name] })),
      outputs: [{ name: 'y', type: 'float32', shape: ['n'] }],
      nodes: [{ op: 'Add', inputs: ['p', 'q'], outputs: ['y'] }],
    })
    const run = runtime.session(model).run({ p: float32([2], 1, 2), q: float32([3], 1, 2, 3) })
    await expect(run).rejects.toMatchObject({
      code: 'runtime/run-failed',
      message: expect.stringMatching(/^clash, run: /),
    })
  })
})
