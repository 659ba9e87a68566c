import type { TensorData } from '@dreamgraph/runtime'
import { describe, expect, test } from 'vitest'
import { decodeScrfd } from './scrfd.js'

const options = { side: 64, confidence: 0.5, name: 'detector' }

/** Nine empty outputs for 64×64 pixels with two anchors a cell, and these rows. */
function outputs(rows: readonly { stride: number; row: number; score: number; box: number[]; marks?: number[] }[]) {
  return [32, 16, 8].flatMap((stride): TensorData[] => {
    const count = 2 * (64 / stride) ** 2
    const table = (width: number, of: (row: (typeof rows)[number]) => number[]): TensorData => {
      const data = new Float32Array(count * width)
      for (const row of rows.filter((candidate) => candidate.stride === stride)) data.set(of(row), row.row * width)
      return { dtype: 'float32', shape: [count, width], data }
    }
    return [
      table(10, ({ marks }) => marks ?? Array(10).fill(0)),
      table(4, ({ box }) => box),
      table(1, ({ score }) => [score]),
    ]
  })
}

test('boxes and landmarks lie around the centre of their cell', () => {
  // Stride 16, 4 cells a row: row 13 is the second anchor of cell 6 = (2, 1), which stands at (32, 16).
  const marks = [-0.5, -0.25, 0.5, -0.25, 0, 0.125, -0.5, 0.5, 0.5, 0.5]
  const [face, ...more] = decodeScrfd(
    outputs([{ stride: 16, row: 13, score: 0.75, box: [1, 0.5, 2, 1], marks }]),
    options,
  )
  expect(more).toEqual([])
  expect(face).toEqual({
    score: 0.75,
    box: [16, 8, 64, 32],
    landmarks: [
      [24, 12],
      [40, 12],
      [32, 18],
      [24, 24],
      [40, 24],
    ],
  })
})

describe('of faces that overlap the best stays', () => {
  const box = [1, 1, 1, 1]
  test.each([
    ['both anchors of a cell', 20, 21, 1],
    ['far cells', 0, 100, 2],
    ['half a box apart: a third of the union', 20, 22, 2],
  ])('%s', (_, first, second, count) => {
    const rows = [
      { stride: 8, row: first, score: 0.6, box },
      { stride: 8, row: second, score: 0.9, box },
    ]
    const faces = decodeScrfd(outputs(rows), options)
    expect(faces.length).toBe(count)
    expect(faces[0]!.score).toBeCloseTo(0.9, 6)
  })
})

test('what is not sure enough is no face', () => {
  expect(decodeScrfd(outputs([{ stride: 8, row: 3, score: 0.49, box: [1, 1, 1, 1] }]), options)).toEqual([])
})

test('outputs of another form are a typed fault', () => {
  const fault = expect.objectContaining({ code: 'nodes/model-unsupported', userFault: true })
  expect(() => decodeScrfd(outputs([]).slice(1), options)).toThrow(fault)
  expect(() => decodeScrfd(outputs([]), { ...options, side: 128 })).toThrow(fault)
})
