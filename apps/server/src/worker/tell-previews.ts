// Previews of nodes as binary frames. Sent as they come, dropped when they come too fast.
import type { RgbImage } from '@dreamgraph/dreamo'
import type { ExecutionEvent } from '@dreamgraph/graph'
import { encodePreview, type PreviewHeader, type PreviewKind } from '@dreamgraph/protocol'
import sharp from 'sharp'

type NodePreview = Extract<ExecutionEvent, { type: 'node-preview' }>

const everyMs = 150
const jpegQuality = 80

export interface PreviewTeller {
  readonly wants: (kind: string) => boolean
  readonly tell: (event: NodePreview) => void
  kinds: ReadonlySet<PreviewKind>
}

export function previewTeller(
  job: string,
  send: (frame: Uint8Array) => void,
  onLog: (line: string) => void,
): PreviewTeller {
  const lastMs = new Map<string, number>()
  const isDue = (key: string): boolean => Date.now() - (lastMs.get(key) ?? 0) >= everyMs
  const teller: PreviewTeller = {
    kinds: new Set(),
    wants: (kind) => teller.kinds.has(kind as PreviewKind),
    tell({ node, item, preview }) {
      const { kind } = preview
      if (!teller.wants(kind)) return
      const key = `${node} ${item?.index ?? ''} ${kind} ${preview.reference ?? ''} ${preview.group ?? ''}`
      if (!isDue(key)) return
      lastMs.set(key, Date.now())
      const about = { job, node, ...(item && { item }), kind: kind as PreviewKind }
      frameOf(about, preview).then(
        (frame) => frame && send(frame),
        (error) => onLog(`preview: ${error}`),
      )
    },
  }
  return teller
}

type About = Pick<PreviewHeader, 'job' | 'node' | 'item' | 'kind'>

async function frameOf(about: About, preview: NodePreview['preview']): Promise<Uint8Array | undefined> {
  const step = typeof preview.step === 'number' ? { step: preview.step } : {}
  if (about.kind === 'picture') {
    const { width, height, channels, data } = preview.image as RgbImage
    const picture = sharp(data, { raw: { width, height, channels: channels as 1 | 3 | 4 } })
    const bytes = await picture.flatten({ background: '#ffffff' }).jpeg({ quality: jpegQuality }).toBuffer()
    return encodePreview({ header: { ...about, ...step, mediaType: 'image/jpeg', width, height }, bytes })
  }
  const { reference, group, leakage, rows, columns, map } = preview as unknown as {
    reference: number
    group?: string
    leakage?: number
    rows: number
    columns: number
    map: Uint8Array
  }
  const size = { mediaType: 'application/octet-stream', width: columns, height: rows }
  const told = { reference, ...(group !== undefined && { group }), ...(leakage !== undefined && { leakage }) }
  const header = { ...about, ...step, ...told, ...size }
  return encodePreview({ header, bytes: map })
}
