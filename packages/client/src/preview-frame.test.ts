import * as protocol from '@dreamgraph/protocol'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { decodePreview } from './preview-frame.js'

const count = fc.nat(10_000)
const header = fc.record(
  {
    job: fc.uuid(),
    node: fc.string(),
    item: fc.record({ index: count, count }),
    kind: fc.constantFrom(...protocol.previewKinds),
    mediaType: fc.string({ maxLength: 50 }),
    width: count,
    height: count,
    step: count,
  },
  { requiredKeys: ['job', 'node', 'kind', 'mediaType', 'width', 'height'] },
)
const frame = fc.tuple(header, fc.uint8Array({ maxLength: 300 })).map(([given, bytes]) => {
  return protocol.encodePreview({ header: given, bytes })
})

it('reads every frame as the protocol does, also in the midst of a larger buffer', () => {
  fc.assert(
    fc.property(frame, fc.nat(9), (encoded, offset) => {
      const larger = new Uint8Array(offset + encoded.length)
      larger.set(encoded, offset)
      expect(decodePreview(larger.subarray(offset))).toEqual(protocol.decodePreview(encoded))
    }),
  )
})

it('refuses what is torn or strange, and never throws', () => {
  fc.assert(
    fc.property(frame, fc.nat(), fc.nat(255), (encoded, at, value) => {
      encoded[at % encoded.length] = value
      const cutOff = encoded.subarray(0, at % encoded.length)
      for (const damaged of [encoded, cutOff]) {
        const expected = protocol.decodePreview(damaged)
        const got = decodePreview(damaged)
        // The validator also looks at types of fields, and drops unknown ones; apart from that both see the same.
        if (expected) expect(got).toMatchObject(expected)
        if (!got) expect(expected).toBeUndefined()
      }
    }),
  )
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (noise) => {
      expect(decodePreview(noise)).toBe(undefined)
    }),
  )
})
