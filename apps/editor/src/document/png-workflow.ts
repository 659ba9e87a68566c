/** The workflow inside a PNG that dreamgraph wrote: an iTXt chunk with the keyword `dreamgraph` (PNG specification, 11.3.4.5). */
import { isJsonObject } from '@dreamgraph/graph'

const signature = [137, 80, 78, 71, 13, 10, 26, 10]

/** Text of the workflow; undefined where there is none, or no PNG. Never throws. */
export function workflowInPng(bytes: Uint8Array): string | undefined {
  if (signature.some((byte, index) => bytes[index] !== byte)) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  for (let at = 8; at + 12 <= bytes.length; ) {
    const length = view.getUint32(at)
    if (at + 12 + length > bytes.length) return undefined
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8))
    const text = type === 'iTXt' ? readText(bytes.subarray(at + 8, at + 8 + length)) : undefined
    if (text !== undefined) return workflowOf(text)
    at += 12 + length
  }
  return undefined
}

/** keyword · 0 · compressed · method · language · 0 · translated keyword · 0 · UTF-8. We write it uncompressed. */
function readText(data: Uint8Array): string | undefined {
  const end = data.indexOf(0)
  if (new TextDecoder('latin1').decode(data.subarray(0, end)) !== 'dreamgraph' || data[end + 1] !== 0) return undefined
  const language = data.indexOf(0, end + 3)
  const translated = data.indexOf(0, language + 1)
  return new TextDecoder().decode(data.subarray(translated + 1))
}

function workflowOf(text: string): string | undefined {
  try {
    const record: unknown = JSON.parse(text)
    return isJsonObject(record) && typeof record.workflow === 'string' ? record.workflow : undefined
  } catch {
    return undefined
  }
}

/** Whether ComfyUI has written its flow into the picture, in tEXt chunks named `prompt` and `workflow`. Never throws. */
export function hasComfyFlow(bytes: Uint8Array): boolean {
  const head = new TextDecoder('latin1').decode(bytes.subarray(0, 4096))
  return head.startsWith('\x89PNG') && /(tEXt|iTXt)(prompt|workflow)\0/.test(head)
}
