import { describe, expect, test } from 'vitest'
import { segmentRows } from './embeddings.js'
import { DreamoError } from './errors.js'
import { positionIds } from './latents.js'
import { layoutTokens, orderReferences } from './references.js'
import { closeTo, goldenPath, openGolden, readSafetensorsF32 } from './testing/golden.js'

const pipeline = openGolden<{ ref_conds: { idx: number; height: number; width: number }[] }>('pipeline_tiny')
const references = pipeline.params.ref_conds.map(({ idx, ...image }) => ({ slot: idx, image }))
const picture = { height: 96, width: 128 }

describe('the official pipeline', () => {
  const tables = readSafetensorsF32(goldenPath('pipeline_tiny/weights/DreamO/dreamo.safetensors'))
  const task = tables.get('dreamo_task_embedding.weight')!.data
  const index = tables.get('dreamo_idx_embedding.weight')!.data

  test.each([
    ['base', references],
    ['noref', []],
  ])('%s: positions and embeddings', (variant, refs) => {
    const layout = layoutTokens(picture, refs)
    const ids = positionIds(layout.image, layout.references)
    expect(Float32Array.from(ids)).toEqual(pipeline.tensor(`${variant}/img_ids`).data)
    const want = pipeline.tensor(`${variant}/embeddings`)
    const hidden = want.shape[2]!
    const slots = layout.references.map(({ slot }) => slot)
    const segments = segmentRows({ task, index }, slots, hidden)
    const lengths = [layout.image.count, ...layout.references.map(({ count }) => count)]
    const got = lengths.flatMap((length, i) => {
      return Array.from({ length }, () => [...segments.subarray(i * hidden, (i + 1) * hidden)]).flat()
    })
    closeTo(got, want.data, { atol: 0, rtol: 1e-7 })
  })
})

test('spans follow slots, not the order of the list', () => {
  const layout = layoutTokens({ height: 32, width: 32 }, [
    { slot: 7, image: { height: 16, width: 48 } },
    { slot: 2, image: { height: 32, width: 16 } },
  ])
  expect(layout.references).toEqual([
    { slot: 2, rows: 2, columns: 1, start: 4, count: 2 },
    { slot: 7, rows: 1, columns: 3, start: 6, count: 3 },
  ])
  expect(layout.tokens).toBe(9)
})

test('nine references fit', () => {
  expect(orderReferences(Array.from({ length: 9 }, (_, i) => ({ slot: 9 - i })))).toHaveLength(9)
})

describe('refusals', () => {
  test.each([
    ['dreamo/reference-slot-taken', [{ slot: 1 }, { slot: 1 }]],
    ['dreamo/reference-slot-invalid', [{ slot: 0 }]],
    ['dreamo/reference-slot-invalid', [{ slot: 10 }]],
    ['dreamo/reference-slot-invalid', [{ slot: 1.5 }]],
    ['dreamo/reference-too-many', Array.from({ length: 10 }, (_, i) => ({ slot: i }))],
  ])('%s', (code, slots) => {
    expect(() => orderReferences(slots)).toThrow(expect.objectContaining({ code, userFault: true }))
  })

  test('a reference without pixels names its slot', () => {
    const empty = () => layoutTokens(picture, [{ slot: 3, image: { height: 0, width: 0 } }])
    expect(empty).toThrow(DreamoError)
    expect(empty).toThrow('reference 3: expected at least 16×16 pixels, got 0×0')
  })
})
