/** Reads binary frames as protocol's `decodePreview` does, without the validator: the server is trusted with types. */
import type { PreviewFrame, PreviewHeader, PreviewKind } from '@dreamgraph/protocol'

/*
 * kind of frame (u8: 1) · header length (u32 big-endian) · header JSON, UTF-8 · bytes
 */
const previewTag = 1
const prefixBytes = 5
const maxHeaderBytes = 4096

/** What is in a binary frame, `bytes` as a view of it; undefined for anything else. Never throws. */
export function decodePreview(frame: Uint8Array): PreviewFrame | undefined {
  if (frame.byteLength < prefixBytes || frame[0] !== previewTag) return undefined
  const length = new DataView(frame.buffer, frame.byteOffset).getUint32(1)
  const body = prefixBytes + length
  if (length > maxHeaderBytes || body > frame.byteLength) return undefined
  try {
    const header = JSON.parse(new TextDecoder().decode(frame.subarray(prefixBytes, body)))
    return isHeader(header) ? { header, bytes: frame.subarray(body) } : undefined
  } catch {
    return undefined
  }
}

const kinds: ReadonlySet<unknown> = new Set<PreviewKind>(['picture', 'routing', 'routing-layers'])

/** The fields by which a preview finds its reader. */
const isHeader = (given: unknown): given is PreviewHeader => {
  const { job, node, kind } = (given ?? {}) as Record<string, unknown>
  return typeof job === 'string' && typeof node === 'string' && kinds.has(kind)
}
