import fc from 'fast-check'
import { expect, test } from 'vitest'
import { encodeFrame, type Frame, frameReader } from './child/frames.mjs'

const join = (chunks: readonly Uint8Array[]): Uint8Array => Uint8Array.from(Buffer.concat(chunks))

test('frames come whole out of chunks of any size', () => {
  const frame = fc.record({
    message: fc.dictionary(fc.string(), fc.oneof(fc.string(), fc.integer())),
    blobs: fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 4 }),
  })
  fc.assert(
    fc.property(fc.array(frame, { maxLength: 5 }), fc.integer({ min: 1, max: 50 }), (frames, step) => {
      const stream = join(frames.flatMap(({ message, blobs }) => encodeFrame(message, blobs, 1e6)))
      const read: Frame[] = []
      const take = frameReader(1e6, (whole) => read.push(whole))
      for (let at = 0; at < stream.length; at += step) take(stream.subarray(at, at + step))
      expect(read).toEqual(frames)
    }),
  )
})

test('the bytes of any array are meant, whatever it counts in', () => {
  const read: Frame[] = []
  const floats = Float32Array.of(1, 2).subarray(1)
  frameReader(1e6, (frame) => read.push(frame))(join(encodeFrame({}, [floats as unknown as Uint8Array], 1e6)))
  expect(new Float32Array(Uint8Array.from(read[0]!.blobs[0]!).buffer)).toEqual(Float32Array.of(2))
})

test('what is above the limit is refused, by its sender and before it is read', () => {
  expect(() => encodeFrame({}, [new Uint8Array(100)], 99)).toThrow(/at most 99 bytes, got 1\d\d/)
  const announced = new Uint8Array(new Uint32Array([10, 2 ** 31]).buffer)
  expect(() => frameReader(1e6, () => {})(announced)).toThrow('expected a message of at most 1000000 bytes')
})

test.each([
  ['no JSON', 'x', 0],
  ['no sizes', '{"message":1}', 0],
  ['sizes that do not add up', '{"message":1,"blobSizes":[1]}', 2],
  ['negative sizes', '{"message":1,"blobSizes":[-1,3]}', 2],
  ['fractions', '{"message":1,"blobSizes":[0.5,1.5]}', 2],
])('%s', (_, head, bodyBytes) => {
  const prefix = new Uint8Array(new Uint32Array([head.length, bodyBytes]).buffer)
  const stream = join([prefix, Buffer.from(head), new Uint8Array(bodyBytes)])
  expect(() => frameReader(1e6, () => {})(stream)).toThrow()
})
