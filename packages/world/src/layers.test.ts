import { expect, test } from 'vitest'
import { joinLayers, type NamedLayer, type Owner } from './layers.js'
import { blocks, type Layer } from './styles/layer-filters.js'

/** A row of pixels of one colour; alphas from left to right. */
const row = (colour: number, ...alphas: number[]): Layer => ({
  width: alphas.length,
  height: 1,
  data: Uint8ClampedArray.from(alphas.flatMap((alpha) => [colour, colour, colour, alpha])),
})

const named = (owner: Owner, layer: Layer): NamedLayer => ({ owner, layer })

test('a layer is masked where it shows: not where it is transparent, nor under something opaque, but under a soft edge', () => {
  const { masks, picture } = joinLayers(
    [
      { layer: row(200, 255, 255, 255, 255) },
      named('thing-0', row(100, 0, 255, 255, 255)),
      named('thing-1', row(0, 0, 0, 255, 51)),
    ],
    undefined,
    0,
  )
  expect([...masks.get('thing-0')!.data]).toEqual([0, 255, 0, 255])
  expect([...masks.get('thing-1')!.data]).toEqual([0, 0, 255, 255])
  expect([...picture.data].filter((_, at) => at % 3 === 0)).toEqual([200, 100, 0, 80]) // 100 · 0.8
})

test('a finish sees the joined colours and where they are', () => {
  const { picture } = joinLayers([{ layer: row(10, 255, 255) }], ([red], x, y, seed) => [red + x, y, seed], 7)
  expect([...picture.data]).toEqual([10, 0, 7, 11, 0, 7])
})

test('a block of pixel art is all in or all out', () => {
  const layer: Layer = { width: 4, height: 2, data: new Uint8ClampedArray(32) }
  for (const pixel of [0, 1, 4, 2]) layer.data.set([255, 0, 0, 255], pixel * 4)
  const { data } = blocks(2, 2)(layer, 0)
  expect([...data].filter((_, at) => at % 4 === 3)).toEqual([255, 255, 0, 0, 255, 255, 0, 0])
})
