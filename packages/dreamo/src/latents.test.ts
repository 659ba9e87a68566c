import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { DreamoError } from './errors.js'
import {
  denormalizeLatents,
  normalizeLatents,
  packLatents,
  positionIds,
  sequenceIds,
  tokenGrid,
  unpackLatents,
} from './latents.js'
import { closeTo, openGolden } from './testing/golden.js'

const flux = { shiftFactor: 0.1159, scalingFactor: 0.3611 }

describe('packing', () => {
  test('channels of a token run (c, dy, dx)', () => {
    // Two channels of 2×4: channel 0 holds 0..7, channel 1 holds 8..15.
    const packed = packLatents(
      Float32Array.from({ length: 16 }, (_, i) => i),
      shape(1, 2, 2, 4),
    )
    expect([...packed]).toEqual([0, 1, 4, 5, 8, 9, 12, 13, 2, 3, 6, 7, 10, 11, 14, 15])
  })

  test('unpack undoes pack for any even shape', () => {
    const sizes = fc.tuple(fc.nat(2), fc.nat(4), fc.nat(5), fc.nat(5))
    fc.assert(
      fc.property(sizes, ([batch, channels, rows, columns]) => {
        const dims = shape(batch + 1, channels + 1, 2 * (rows + 1), 2 * (columns + 1))
        const latents = Float32Array.from(
          { length: dims.batch * dims.channels * dims.height * dims.width },
          (_, i) => i,
        )
        expect(unpackLatents(packLatents(latents, dims), dims)).toEqual(latents)
      }),
      { seed: 11, numRuns: 50 },
    )
  })

  test('odd sizes are the caller’s fault', () => {
    expect(() => packLatents(new Float32Array(6), shape(1, 1, 3, 2))).toThrow(DreamoError)
  })

  test('the official final latents unpack to the decoder input', () => {
    const golden = openGolden('pipeline_tiny')
    const steps = golden.tensor('base/latents_after_step').data
    const last = steps.subarray(3 * 48 * 64)
    const got = denormalizeLatents(unpackLatents(last, shape(1, 16, 12, 16)), flux)
    closeTo(got, golden.tensor('base/decoder_input').data, { atol: 2e-6, rtol: 1e-6 })
  })
})

describe('position ids', () => {
  test('image and two references lie on a diagonal', () => {
    const golden = openGolden('pipeline_tiny')
    const references = [tokenGrid({ height: 64, width: 64 }), tokenGrid({ height: 48, width: 80 })]
    const ids = positionIds(tokenGrid({ height: 96, width: 128 }), references)
    expect(Float32Array.from(ids)).toEqual(golden.tensor('base/img_ids').data)
  })

  test('no references: the image alone', () => {
    const ids = positionIds(tokenGrid({ height: 96, width: 128 }))
    expect(Float32Array.from(ids)).toEqual(openGolden('pipeline_tiny').tensor('noref/img_ids').data)
  })

  test('text tokens come first, at the origin', () => {
    expect([...sequenceIds(2, Int32Array.of(0, 1, 2))]).toEqual([0, 0, 0, 0, 0, 0, 0, 1, 2])
  })
})

test('normalising and back is the identity within rounding', () => {
  const latents = Float32Array.of(-3, 0, 0.1159, 4)
  closeTo(denormalizeLatents(normalizeLatents(latents, flux), flux), latents, { atol: 1e-6, rtol: 0 })
})

test('picture sizes floor to multiples of 16; smaller ones are refused', () => {
  expect(tokenGrid({ height: 1023, width: 1040 })).toEqual({ rows: 63, columns: 65 })
  expect(() => tokenGrid({ height: 15, width: 64 }, 'size')).toThrow('size: expected at least 16×16 pixels, got 15×64')
})

function shape(batch: number, channels: number, height: number, width: number) {
  return { batch, channels, height, width }
}
