// The nodes that use models, on real ONNX files in real processes.
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { faceMask, whiten } from '@dreamgraph/dreamo'
import { add, constant, emit, graph, input } from '@dreamgraph/onnx'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { imageFaceCrop } from '../image/face-crop.js'
import { flatMask } from '../image/pixels.js'
import { imageRemoveBackground } from '../image/remove-background.js'
import { flat, pattern } from '../testing/pictures.js'
import { runNode, type Surroundings, surroundings } from '../testing/surroundings.js'
import { darkSubject, detector, parser } from '../testing/vision-models.js'
import { faceTemplate } from './align-face.js'

let around: Surroundings
const put = (name: string, bytes: Uint8Array) => writeFile(join(around.folder, 'models', name), bytes)
beforeAll(async () => {
  around = await surroundings()
  await mkdir(join(around.folder, 'models'))
})
afterAll(() => around.remove())

/** A dark square on a background that no flood fill would take. */
function darkSquare(side: number) {
  const image = pattern(side, side, 3)
  image.data.forEach((value, i) => {
    const [x, y] = [Math.floor(i / 3) % side, Math.floor(i / 3 / side)]
    const isSubject = x >= side / 4 && x < side / 2 && y >= side / 4 && y < side / 2
    image.data[i] = isSubject ? 20 : 200 + (value % 40)
  })
  return image
}

describe('remove background', () => {
  const image = darkSquare(32)
  const remove = (params: object, picture = image) => runNode(imageRemoveBackground, { image: picture }, params, around)
  const square = flatMask({ width: 32, height: 32 }, 0)
  for (let y = 8; y < 16; y++) square.data.fill(255, y * 32 + 8, y * 32 + 16)

  test('without a model: plain backgrounds only, and the error names where a model would go', async () => {
    await expect(remove({})).rejects.toMatchObject({
      code: 'nodes/background-not-uniform',
      message: expect.stringContaining('models/matting.onnx'),
    })
    await expect(remove({ method: 'model' })).rejects.toMatchObject({ code: 'nodes/matting-model-missing' })
    const plain = flat(8, 8, [255, 255, 255])
    plain.data.set([9, 9, 9], 3 * 27)
    expect((await remove({}, plain)).mask.data[27]).toBe(255)
  })

  test('a picture with transparency keeps what is opaque', async () => {
    const clear = pattern(6, 6, 4)
    const { image: kept, mask } = await remove({}, clear)
    expect([...mask.data]).toEqual([...clear.data.filter((_, i) => i % 4 === 3)])
    expect(kept.channels).toBe(3)
  })

  test.each([false, true])('with a model, as probabilities or logits (%s)', async (asLogits) => {
    await put('matting.onnx', darkSubject(32, asLogits))
    const result = await remove({ normalization: 'unit' })
    expect(result.mask).toEqual(square)
    expect(result.image).toEqual(whiten(image, square))
  })

  test('the mask has the size of the picture, whatever that of the model', async () => {
    await put('matting.onnx', darkSubject(32))
    const { mask } = await remove({ normalization: 'unit' }, darkSquare(48))
    expect([mask.width, mask.height]).toEqual([48, 48])
    expect([mask.data[18 * 48 + 18], mask.data[40 * 48 + 40]]).toEqual([255, 0])
  })

  test('the fingerprint follows the model, where one is used', async () => {
    const print = (method: 'auto' | 'uniform') => {
      const params = { method, model: 'models/matting.onnx', normalization: 'unit', tolerance: 12 } as const
      return imageRemoveBackground.fingerprint({ inputs: { image }, params, services: around.services })
    }
    expect(await print('uniform')).toBe('')
    const first = await print('auto')
    await put('matting.onnx', darkSubject(16))
    expect(await print('auto')).not.toBe(first)
  })

  test.each([
    ['no model at all', () => new TextEncoder().encode('hello, this is text')],
    ['nothing', () => new Uint8Array()],
    ['two inputs', () => emit(graph('sum', { y: add(input('a', [1, 3, 8, 8]), input('b', [1, 3, 8, 8])) }))],
    ['an input that is no picture', () => emit(graph('plus', { y: add(input('a', [1, 4]), constant(1)) }))],
    ['an output that is no mask', () => emit(graph('plus', { y: add(input('a', [1, 3, 8, 8]), constant(1)) }))],
  ])('refuses a file that holds %s', async (_, bytes) => {
    await put('other.onnx', bytes())
    const run = remove({ method: 'model', model: 'models/other.onnx' })
    await expect(run).rejects.toMatchObject({ code: 'nodes/model-unsupported', userFault: true })
  })

  test('stops when it is cancelled', async () => {
    await put('matting.onnx', darkSubject(32))
    const ctx = { ...around.ctx, signal: AbortSignal.abort() }
    const run = runNode(imageRemoveBackground, { image }, { method: 'model' }, { ...around, ctx })
    await expect(run).rejects.toMatchObject({ code: 'runtime/cancelled' })
  })
})

describe('crop face', () => {
  const side = 64
  const cell = 27 // (3, 3) of 8 × 8, at (24, 24) in the detector's pixels
  const crop = (image: ReturnType<typeof pattern>, params = {}) => runNode(imageFaceCrop, { image }, params, around)

  /** A photograph of 512×512 whose face stands as the template does: bright, but dark at the bottom. */
  const photo = pattern(512, 512, 3)
  photo.data.forEach((value, i) => {
    photo.data[i] = i < photo.data.length * 0.75 ? 230 + (value % 20) : value % 20
  })

  test('says which models are missing and where they go', async () => {
    await expect(crop(photo)).rejects.toMatchObject({
      code: 'nodes/face-models-missing',
      message: expect.stringMatching(/models\/face-detector\.onnx and .* models\/face-parser\.onnx/),
    })
  })

  test('cuts the face as the template says and keeps its features', async () => {
    const offsets = faceTemplate.flatMap(([x, y]) => [(x / 8 - 24) / 8, (y / 8 - 24) / 8])
    const face = { cell, anchor: 1, score: 0.9, box: [2, 2, 2, 2], landmarks: offsets } as const
    await put('face-detector.onnx', detector(side, [face]))
    await put('face-parser.onnx', parser())
    const { image, mask, task } = await crop(photo, { confidence: 0.01 })
    expect(task).toEqual(['id'])
    expect(image).toHaveLength(1)
    const worst = image[0]!.data.reduce((most, value, i) => Math.max(most, Math.abs(value - photo.data[i]!)), 0)
    expect(worst).toBeLessThanOrEqual(1)
    const labels = Uint8Array.from({ length: 512 * 512 }, (_, i) => (i < 512 * 384 ? 1 : 0))
    expect(mask).toEqual([faceMask(labels, { width: 512, height: 512 })])
  })

  test('without a face: an error, the whole picture, or nothing, as told', async () => {
    await put('face-detector.onnx', detector(side, []))
    await put('face-parser.onnx', parser())
    const dark = flat(40, 30, [0, 0, 0])
    await expect(crop(dark)).rejects.toMatchObject({ code: 'nodes/face-not-found', userFault: true })
    expect(await crop(dark, { noFace: 'skip' })).toEqual({ image: [], mask: [], task: [] })
    const whole = { image: [dark], mask: [flatMask(dark, 255)], task: ['ip'] }
    expect(await crop(dark, { noFace: 'treat-as-ip' })).toEqual(whole)
  })

  test('a detector of another kind is a typed fault', async () => {
    await put('face-detector.onnx', darkSubject(32))
    await expect(crop(photo)).rejects.toMatchObject({ code: 'nodes/model-unsupported' })
  })
})
