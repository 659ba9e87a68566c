// Binary messages of ComfyUI's WebSocket: pictures of a prompt that is being executed.

export interface RunPreview {
  readonly promptId: string
  /** ComfyUI's node. */
  readonly node: string
  readonly mediaType: string
  readonly bytes: Uint8Array
}

/*
 * u32 1 · u32 kind (1 JPEG, 2 PNG) · picture
 * u32 4 · u32 length · JSON, UTF-8 · picture: for clients that said they read it
 * All big-endian.
 */
const previewEvent = 1
const previewWithMetadataEvent = 4

export function previewMessage(
  { promptId, node, mediaType, bytes }: RunPreview,
  { hasMetadata }: { hasMetadata: boolean },
): Buffer {
  const head = Buffer.alloc(8)
  if (!hasMetadata) {
    head.writeUInt32BE(previewEvent)
    head.writeUInt32BE(mediaType === 'image/png' ? 2 : 1, 4)
    return Buffer.concat([head, bytes])
  }
  const ids = { node_id: node, display_node_id: node, real_node_id: node, parent_node_id: null }
  const metadata = Buffer.from(JSON.stringify({ ...ids, prompt_id: promptId, image_type: mediaType }))
  head.writeUInt32BE(previewWithMetadataEvent)
  head.writeUInt32BE(metadata.byteLength, 4)
  return Buffer.concat([head, metadata, bytes])
}
