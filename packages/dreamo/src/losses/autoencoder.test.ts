// The autoencoder's losses against sums by hand over what the same graph decodes.
import { constant, input, sizeOf } from '@dreamgraph/onnx'
import { openRuntime, type Runtime, type TensorData } from '@dreamgraph/runtime'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parseVaeConfig } from '../configs.js'
import { gaussianNoise } from '../noise.js'
import type { Parameters } from '../parameters.js'
import { Sessions } from '../sessions.js'
import { autoencoderLosses } from './autoencoder.js'

let runtime: Runtime
beforeAll(async () => {
  runtime = await openRuntime({ device: 'cpu' })
})
afterAll(() => runtime.close())

const [batch, side] = [2, 8]
const config = parseVaeConfig({
  ...{ block_out_channels: [4, 4], layers_per_block: 1, latent_channels: 2, norm_num_groups: 2 },
  ...{ in_channels: 3, out_channels: 3, sample_size: side, scaling_factor: 1, shift_factor: 0 },
  down_block_types: ['DownEncoderBlock2D', 'DownEncoderBlock2D'],
  up_block_types: ['UpDecoderBlock2D', 'UpDecoderBlock2D'],
})
let drawn = 0
const drawnWeights: Parameters = {
  weight: (_, shape) => {
    const values = gaussianNoise(sizeOf(shape), { seed: 7n, stream: 'latent', index: drawn++ })
    return constant(
      values.map((x) => x * 0.3),
      shape,
    )
  },
  branches: () => [],
}
const normals = (shape: readonly number[], index: number): TensorData => ({
  dtype: 'float32',
  shape,
  data: gaussianNoise(sizeOf(shape), { seed: 9n, stream: 'latent', index }),
})
const image = normals([batch, 3, side, side], 0)
const epsilon = normals([batch, 2, side / 2, side / 2], 1)
const pixelWeights: TensorData = {
  ...{ dtype: 'float32', shape: [batch, 1, side, side] },
  data: Float32Array.from({ length: batch * side * side }, (_, i) => (i % 5) / 2),
}
const noiseOf = (...amounts: number[]): TensorData => ({
  ...{ dtype: 'float32', shape: [batch, 1, 1, 1] },
  data: Float32Array.from(amounts),
})

async function evaluate(feeds: Record<string, TensorData>) {
  drawn = 0
  const symbols = Object.fromEntries(Object.entries(feeds).map(([name, { shape }]) => [name, input(name, shape)]))
  const { image, epsilon, ...more } = symbols
  const losses = autoencoderLosses(drawnWeights, config, { image: image!, epsilon: epsilon!, ...more })
  const session = await new Sessions(runtime).of('losses', { ...losses })
  const results = await session.run(feeds)
  return Object.fromEntries(Object.entries(results).map(([name, { data }]) => [name, data as Float32Array]))
}

test('pixels count by their weights, in squares, absolutes, colours and edges', async () => {
  const { decoded, squares, absolutes, colours, edges } = await evaluate({ image, epsilon, pixelWeights })
  const error = decoded!.map((x, i) => x - (image.data as Float32Array)[i]!)
  const at = (b: number, c: number, y: number, x: number): number => error[((b * 3 + c) * side + y) * side + x]!
  const weightAt = (b: number, y: number, x: number): number => pixelWeights.data[(b * side + y) * side + x] as number
  const means = { squares: 0, absolutes: 0, colours: 0, down: 0, right: 0 }
  for (let b = 0; b < batch; b++) {
    for (let y = 0; y < side; y++) {
      for (let x = 0; x < side; x++) {
        const grey = (at(b, 0, y, x) + at(b, 1, y, x) + at(b, 2, y, x)) / 3
        for (let c = 0; c < 3; c++) {
          const [e, w] = [at(b, c, y, x), weightAt(b, y, x)]
          means.squares += (w * e * e) / error.length
          means.absolutes += (w * Math.abs(e)) / error.length
          means.colours += (w * (e - grey) ** 2) / error.length
          const differences = batch * 3 * side * (side - 1)
          if (y > 0) means.down += (w * (e - at(b, c, y - 1, x)) ** 2) / differences
          if (x > 0) means.right += (w * (e - at(b, c, y, x - 1)) ** 2) / differences
        }
      }
    }
  }
  expect(squares![0]).toBeCloseTo(means.squares, 4)
  expect(absolutes![0]).toBeCloseTo(means.absolutes, 4)
  expect(colours![0]).toBeCloseTo(means.colours, 4)
  expect(edges![0]).toBeCloseTo(means.down + means.right, 4)
  expect(means.colours).toBeGreaterThan(0.01)
})

test('contrast is what deviations within squares of 4 and 8 pixels are off by', async () => {
  const { decoded, contrast } = await evaluate({ image, epsilon, pixelWeights })
  const within = (data: ArrayLike<number>, at: number[], squareSide: number): number => {
    const [plane, top, left] = at as [number, number, number]
    const values = Array.from({ length: squareSide ** 2 }, (_, i) => {
      const [y, x] = [top + Math.floor(i / squareSide), left + (i % squareSide)]
      return data[(plane * side + y) * side + x]!
    })
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length
    return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length
  }
  let expected = 0
  for (const squareSide of [4, 8]) {
    const perRow = side / squareSide
    const count = batch * 3 * perRow ** 2
    for (let i = 0; i < count; i++) {
      const plane = Math.floor(i / perRow ** 2)
      const [top, left] = [Math.floor(i / perRow) % perRow, i % perRow].map((n) => n * squareSide) as [number, number]
      const deviationOf = (data: ArrayLike<number>): number =>
        Math.sqrt(within(data, [plane, top, left], squareSide) + 4e-4)
      let weight = 0
      for (let y = 0; y < squareSide; y++) {
        for (let x = 0; x < squareSide; x++) {
          const row = Math.floor(plane / 3) * side + top + y
          weight += (pixelWeights.data[row * side + left + x] as number) / squareSide ** 2
        }
      }
      expected += (weight * (deviationOf(decoded!) - deviationOf(image.data as Float32Array)) ** 2) / count
    }
  }
  expect(contrast![0]).toBeCloseTo(expected, 4)
  expect(expected).toBeGreaterThan(0.01)
})

test('noise comes on top of the latents’ own, each picture’s by its amount', async () => {
  const plain = await evaluate({ image, epsilon })
  const none = await evaluate({ image, epsilon, noise: noiseOf(0, 0) })
  const second = await evaluate({ image, epsilon, noise: noiseOf(0, 0.5) })
  expect(none.decoded).toEqual(plain.decoded)
  const half = plain.decoded!.length / 2
  expect(second.decoded!.slice(0, half)).toEqual(plain.decoded!.slice(0, half))
  expect(second.decoded!.slice(half)).not.toEqual(plain.decoded!.slice(half))
  expect(second.divergence).toEqual(plain.divergence)
})
