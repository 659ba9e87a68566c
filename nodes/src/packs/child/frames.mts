// Messages on the pipe between us and the process of a pack: JSON for the small parts, bytes for the large ones.
import type { JsonValue } from '@dreamgraph/graph'

export interface Frame {
  readonly message: JsonValue
  /** Views of one buffer that belongs to the frame. */
  readonly blobs: readonly Uint8Array[]
}

/*
 * head length, body length (u32 little-endian each) · head: JSON { message, blobSizes } · body: the blobs in a row
 */
const prefixBytes = 8
const maxU32 = 2 ** 32 - 1

/** The chunks of a frame, in order. Throws RangeError for one above the limit. */
export function encodeFrame(message: object, blobs: readonly Uint8Array[], maxBytes: number): Uint8Array[] {
  const head = new TextEncoder().encode(JSON.stringify({ message, blobSizes: blobs.map((blob) => blob.byteLength) }))
  const bodyBytes = blobs.reduce((sum, blob) => sum + blob.byteLength, 0)
  checkSize(head.byteLength + bodyBytes, maxBytes)
  const prefix = new DataView(new ArrayBuffer(prefixBytes))
  prefix.setUint32(0, head.byteLength, true)
  prefix.setUint32(4, bodyBytes, true)
  // Whatever kind of array a blob is, its bytes are meant.
  const bytes = blobs.map(({ buffer, byteOffset, byteLength }) => new Uint8Array(buffer, byteOffset, byteLength))
  return [new Uint8Array(prefix.buffer), head, ...bytes]
}

/** Takes chunks as they arrive and hands on whole frames. Throws for a frame that is malformed or above the limit. */
export function frameReader(maxBytes: number, onFrame: (frame: Frame) => void): (chunk: Uint8Array) => void {
  const parser = parseFrames(maxBytes, onFrame)
  let part = new Uint8Array(parser.next().value)
  let filled = 0
  return (chunk) => {
    for (let at = 0; ; ) {
      const taken = chunk.subarray(at, at + part.length - filled)
      part.set(taken, filled)
      filled += taken.length
      at += taken.length
      if (filled < part.length) return
      part = new Uint8Array(parser.next(part).value)
      filled = 0
    }
  }
}

/** Yields how many bytes it wants next, and is given them. */
function* parseFrames(maxBytes: number, onFrame: (frame: Frame) => void): Generator<number, never, Uint8Array> {
  for (;;) {
    const prefix = yield prefixBytes
    const view = new DataView(prefix.buffer)
    const [headBytes, bodyBytes] = [view.getUint32(0, true), view.getUint32(4, true)]
    checkSize(headBytes + bodyBytes, maxBytes) // before anything is allocated
    const { message, blobSizes } = JSON.parse(new TextDecoder().decode(yield headBytes))
    const body = yield bodyBytes
    onFrame({ message, blobs: split(body, blobSizes) })
  }
}

function split(body: Uint8Array, sizes: unknown): Uint8Array[] {
  const isFit = Array.isArray(sizes) && sizes.every((size) => Number.isInteger(size) && size >= 0)
  if (!isFit || sizes.reduce((sum, size) => sum + size, 0) !== body.length) {
    throw new TypeError(`expected blob sizes that add up to ${body.length} bytes`)
  }
  let at = 0
  return sizes.map((size: number) => {
    at += size
    return body.subarray(at - size, at)
  })
}

function checkSize(sizeBytes: number, maxBytes: number): void {
  const limit = Math.min(maxBytes, maxU32)
  if (sizeBytes > limit) throw new RangeError(`expected a message of at most ${limit} bytes, got ${sizeBytes}`)
}
