/** Binary frames: previews, which may be dropped on the way to a slow reader. */
import { type PreviewHeader, previewHeader } from './frames.js'

export interface PreviewFrame {
  readonly header: PreviewHeader
  readonly bytes: Uint8Array
}

/*
 * kind of frame (u8: 1) · header length (u32 big-endian) · header JSON, UTF-8 · bytes
 */
const previewTag = 1
const prefixBytes = 5
const maxHeaderBytes = 4096

/** One binary frame. */
export function encodePreview({ header, bytes }: PreviewFrame): Uint8Array<ArrayBuffer> {
  const head = new TextEncoder().encode(JSON.stringify(header))
  const frame = new Uint8Array(prefixBytes + head.byteLength + bytes.byteLength)
  frame[0] = previewTag
  new DataView(frame.buffer).setUint32(1, head.byteLength)
  frame.set(head, prefixBytes)
  frame.set(bytes, prefixBytes + head.byteLength)
  return frame
}

/** What is in a binary frame, `bytes` as a view of it; undefined for anything else. Never throws. */
export function decodePreview(frame: Uint8Array): PreviewFrame | undefined {
  if (frame.byteLength < prefixBytes || frame[0] !== previewTag) return undefined
  const length = new DataView(frame.buffer, frame.byteOffset).getUint32(1)
  if (length > maxHeaderBytes || prefixBytes + length > frame.byteLength) return undefined
  const body = prefixBytes + length
  try {
    const header = previewHeader.parse(JSON.parse(new TextDecoder().decode(frame.subarray(prefixBytes, body))))
    return { header, bytes: frame.subarray(body) }
  } catch {
    return undefined
  }
}
