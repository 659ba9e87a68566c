import { whiten } from '@dreamgraph/dreamo'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { flat, pattern, pixelAt, rows } from '../testing/pictures.js'
import { runNode, type Surroundings, surroundings } from '../testing/surroundings.js'
import { imageApplyMask } from './apply-mask.js'
import { imageComposite } from './composite.js'
import { imageCrop } from './crop.js'
import { imageFlipRotate } from './flip-rotate.js'
import { imageNodes } from './index.js'
import { imageJoin } from './join.js'
import { imagePad } from './pad.js'
import { imageResize } from './resize.js'
import { imageResizeArea } from './resize-area.js'
import { imageResizeLongEdge } from './resize-long-edge.js'
import { imageSplitAlpha } from './split-alpha.js'

let around: Surroundings
beforeAll(async () => {
  around = await surroundings()
})
afterAll(() => around.remove())

test('node types are unique and say what they do', () => {
  const types = imageNodes.map(({ type }) => type)
  expect(new Set(types).size).toBe(types.length)
  for (const { type, title } of imageNodes) expect(title, type).not.toBe('')
})

describe('sizes', () => {
  const size = ({ width, height }: { width: number; height: number }) => [width, height]

  test('to area: multiples of 16, the shape kept', async () => {
    const { image } = await runNode(imageResizeArea, { image: pattern(200, 100, 3) }, { side: 64 }, around)
    expect(size(image)).toEqual([80, 32])
  })

  test('to long edge: only ever smaller', async () => {
    const run = (longEdge: number) => runNode(imageResizeLongEdge, { image: pattern(90, 60, 3) }, { longEdge }, around)
    expect(size((await run(45)).image)).toEqual([45, 30])
    expect((await run(91)).image).toEqual(pattern(90, 60, 3))
  })

  test.each(['area', 'lanczos', 'nearest'] as const)('%s keeps the channels and a flat colour', async (filter) => {
    for (const color of [[90], [10, 200, 30], [10, 200, 30, 128]]) {
      const params = { width: 21, height: 5, filter }
      const { image } = await runNode(imageResize, { image: flat(9, 12, color) }, params, around)
      const expected = flat(21, 5, color)
      expect({ ...image, data: expected.data }).toEqual(expected)
      const tolerance = filter === 'lanczos' && color.length === 4 ? 1 : 0
      const worst = Math.max(...image.data.map((value, i) => Math.abs(value - expected.data[i]!)))
      expect(worst).toBeLessThanOrEqual(tolerance)
    }
  })

  test('nearest repeats whole pixels', async () => {
    const image = rows([1, 2], [3, 4])
    const resized = await runNode(imageResize, { image }, { width: 4, height: 2, filter: 'nearest' }, around)
    expect(resized.image).toEqual(rows([1, 1, 2, 2], [3, 3, 4, 4]))
  })

  test('too many pixels and sizes that vanish are typed faults', async () => {
    const image = pattern(4, 4, 3)
    await expect(runNode(imageResize, { image }, { width: 16_384, height: 16_384 }, around)).rejects.toMatchObject({
      code: 'nodes/image-too-large',
    })
    const thin = runNode(imageResizeArea, { image: pattern(400, 2, 3) }, { side: 32 }, around)
    await expect(thin).rejects.toMatchObject({ code: 'dreamo/size-invalid' })
  })
})

describe('crop', () => {
  const image = rows([1, 2, 3], [4, 5, 6], [7, 8, 9])

  test('takes exactly the rectangle', async () => {
    const { image: part } = await runNode(imageCrop, { image }, { x: 1, y: 1, width: 2, height: 1 }, around)
    expect(part).toEqual(rows([5, 6]))
  })

  test.each([
    { x: 2, y: 0, width: 2, height: 1 },
    { x: 0, y: 3, width: 1, height: 1 },
    { x: 0, y: 0, width: 1, height: 4 },
  ])('refuses %o', async (params) => {
    await expect(runNode(imageCrop, { image }, params, around)).rejects.toMatchObject({ code: 'nodes/region-outside' })
  })
})

describe('pad', () => {
  test('up to a multiple, centred, with a mask of what is new', async () => {
    const params = { multiple: 4, color: '#102030' }
    const { image, mask } = await runNode(imagePad, { image: flat(2, 3, [9, 8, 7]) }, params, around)
    expect([image.width, image.height]).toEqual([4, 4])
    expect(mask).toEqual(rows([0, 255, 255, 0], [0, 255, 255, 0], [0, 255, 255, 0], [0, 0, 0, 0]))
    expect(pixelAt(image, 1, 2)).toEqual([9, 8, 7])
    expect(pixelAt(image, 1, 3)).toEqual([16, 32, 48])
  })

  test.each([
    [100, 100, 16, 9, [178, 100]],
    [100, 20, 1, 1, [100, 100]],
    [160, 90, 16, 9, [160, 90]],
    [31, 97, 2, 3, [65, 97]],
  ])('%i×%i up to %i:%i', async (width, height, aspectWidth, aspectHeight, size) => {
    const params = { to: 'aspect', aspectWidth, aspectHeight } as const
    const { image } = await runNode(imagePad, { image: pattern(width, height, 3) }, params, around)
    expect([image.width, image.height]).toEqual(size)
  })

  test('a transparent border gives the picture transparency', async () => {
    const params = { multiple: 2, place: 'top-left', color: '#0000' } as const
    await expect(runNode(imagePad, { image: flat(1, 1, [1, 2, 3]) }, params, around)).rejects.toMatchObject({
      code: 'nodes/color-invalid',
    })
    const clear = { ...params, color: '#00000000' }
    const { image } = await runNode(imagePad, { image: flat(1, 1, [1, 2, 3]) }, clear, around)
    expect([...image.data]).toEqual([1, 2, 3, 255, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])
  })

  test('a border that makes the picture too large is a typed fault', async () => {
    const params = { to: 'aspect', aspectWidth: 10_000, aspectHeight: 1 } as const
    const huge = runNode(imagePad, { image: pattern(1, 200, 3) }, params, around)
    await expect(huge).rejects.toMatchObject({ code: 'nodes/image-too-large' })
  })
})

test.each([
  ['flip-horizontal', rows([3, 2, 1], [6, 5, 4])],
  ['flip-vertical', rows([4, 5, 6], [1, 2, 3])],
  ['rotate-90', rows([4, 1], [5, 2], [6, 3])],
  ['rotate-180', rows([6, 5, 4], [3, 2, 1])],
  ['rotate-270', rows([3, 6], [2, 5], [1, 4])],
] as const)('%s', async (action, expected) => {
  const { image } = await runNode(imageFlipRotate, { image: rows([1, 2, 3], [4, 5, 6]) }, { action }, around)
  expect(image).toEqual(expected)
})

describe('composite', () => {
  const base = flat(4, 3, [100, 100, 100])
  const composite = (inputs: { base?: typeof base; top: typeof base; mask?: typeof base }, params = {}) =>
    runNode(imageComposite, { base, mask: undefined, ...inputs }, params, around)

  test('an opaque picture covers, also where it reaches beyond', async () => {
    const { image } = await composite({ top: flat(3, 3, [1, 2, 3]) }, { x: -1, y: 1 })
    expect([pixelAt(image, 1, 1), pixelAt(image, 2, 1), pixelAt(image, 0, 0)]).toEqual([
      [1, 2, 3],
      [100, 100, 100],
      [100, 100, 100],
    ])
    expect(pixelAt(base, 1, 1)).toEqual([100, 100, 100])
  })

  test('transparency, mask and opacity multiply', async () => {
    const top = flat(4, 3, [200, 0, 50, 128])
    const { image } = await composite({ top, mask: flat(4, 3, [128]) }, { opacity: 0.5 })
    const share = (128 / 255) ** 2 * 0.5
    expect(pixelAt(image, 0, 0)).toEqual([200, 0, 50].map((value) => Math.round(value * share + 100 * (1 - share))))
  })

  test('over transparent pixels only the upper colour counts', async () => {
    const { image } = await composite({ base: flat(1, 1, [255, 0, 0, 0]), top: flat(1, 1, [10, 20, 30, 128]) })
    expect(pixelAt(image, 0, 0)).toEqual([10, 20, 30, 128])
    const nothing = await composite({ base: flat(1, 1, [9, 8, 7, 0]), top: flat(1, 1, [1, 1, 1, 0]) })
    expect(pixelAt(nothing.image, 0, 0)).toEqual([9, 8, 7, 0])
  })

  test('a place outside and a mask of another size are typed faults', async () => {
    const top = flat(2, 2, [1, 2, 3])
    await expect(composite({ top }, { x: 4 })).rejects.toMatchObject({ code: 'nodes/region-outside' })
    await expect(composite({ top }, { y: -2 })).rejects.toMatchObject({ code: 'nodes/region-outside' })
    await expect(composite({ top, mask: flat(1, 1, [255]) })).rejects.toMatchObject({ code: 'nodes/mask-size' })
  })
})

describe('join', () => {
  const images = [flat(2, 2, [1, 1, 1]), flat(4, 2, [2, 2, 2]), flat(2, 4, [3, 3, 3])]

  test('one row, smaller pictures in the middle of their cell', async () => {
    const { image } = await runNode(imageJoin, { images }, { gap: 1, color: '#090909' }, around)
    expect([image.width, image.height]).toEqual([14, 4])
    expect(pixelAt(image, 1, 1)).toEqual([1, 1, 1])
    expect(pixelAt(image, 0, 1)).toEqual([9, 9, 9])
    expect(pixelAt(image, 4, 1)).toEqual([9, 9, 9])
    expect(pixelAt(image, 5, 1)).toEqual([2, 2, 2])
  })

  test('columns make rows', async () => {
    const { image } = await runNode(imageJoin, { images }, { columns: 2 }, around)
    expect([image.width, image.height]).toEqual([8, 8])
    expect(pixelAt(image, 1, 4)).toEqual([3, 3, 3])
  })
})

describe('transparency', () => {
  const image = pattern(5, 3, 4)

  test('split and put together again', async () => {
    const parts = await runNode(imageSplitAlpha, { image }, {}, around)
    const whole = await runNode(imageApplyMask, parts, { background: 'transparent' }, around)
    expect(whole.image).toEqual(image)
  })

  test('white background as the references need it', async () => {
    const mask = pattern(5, 3, 1)
    const { image: white } = await runNode(imageApplyMask, { image: pattern(5, 3, 3), mask }, {}, around)
    expect(white).toEqual(whiten(pattern(5, 3, 3), mask))
  })

  test('a mask of another size is a typed fault', async () => {
    const run = runNode(imageApplyMask, { image, mask: flat(5, 4, [255]) }, {}, around)
    await expect(run).rejects.toMatchObject({ code: 'nodes/mask-size', userFault: true })
  })
})
