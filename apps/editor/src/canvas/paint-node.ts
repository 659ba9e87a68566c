/** A node as plain boxes and words, for when it is too small to be read or not mounted yet. */
import type { Look } from './look.js'
import { metrics } from './node-layout.js'
import { categoryColor } from './paint-theme.js'
import type { SceneNode } from './scene.js'

/** Smallest size of letters on the screen that is worth drawing, in pixels. */
const smallestLetters = 4.5

/** Smallest zoom at which plain boxes have titles: below, there are too many of them, and no room. */
const smallestTitled = 0.16

export function paintNode(context: CanvasRenderingContext2D, box: SceneNode, k: number, look: Look): void {
  const { x, y, w, h, node, face } = box
  const { theme } = look
  const state = look.nodeState(box.id)
  const isSelected = look.selectedNodes.has(box.id)
  const tint = node.ui?.color ?? categoryColor(face.category)
  const letters = 13 * k
  context.globalAlpha = node.mode === 'mute' ? 0.45 : 1
  context.fillStyle = theme.node
  if (letters < smallestLetters) {
    context.fillRect(x, y, w, h)
    context.fillStyle = tint
    const band = Math.max(metrics.header, 5 / k)
    context.fillRect(x, y, w, band)
    if (k >= smallestTitled && (h - band) * k > 14) {
      context.font = `600 ${10 / k}px ${theme.font}`
      context.textBaseline = 'top'
      context.fillStyle = theme.text
      context.fillText(node.title ?? face.title, x + 5 / k, y + band + 3 / k, w - 10 / k)
    }
  } else {
    context.beginPath()
    context.roundRect(x, y, w, h, 9)
    context.fill()
    context.strokeStyle = theme.border
    context.lineWidth = 1
    context.stroke()
    context.beginPath()
    context.roundRect(x, y, w, Math.min(metrics.header, h), box.layout.rows.length === 0 ? 9 : [9, 9, 0, 0])
    context.fillStyle = theme.header
    context.fill()
    context.fillStyle = tint
    context.beginPath()
    context.arc(x + 17, y + metrics.header / 2, 4.5, 0, 7)
    context.fill()
    paintWords(context, box, k, look)
  }
  paintPicture(context, box, look)
  const edge = isSelected ? theme.accent : edgeOf(state, look)
  if (edge) {
    context.strokeStyle = edge
    context.lineWidth = Math.max(2, 1.5 / k)
    context.strokeRect(x, y, w, h)
  }
  context.globalAlpha = 1
}

function edgeOf(state: ReturnType<Look['nodeState']>, { theme }: Look): string | undefined {
  if (state === 'running') return theme.accent
  if (state === 'done') return theme.good
  return state === 'failed' || state === 'problem' ? theme.bad : undefined
}

function paintWords(context: CanvasRenderingContext2D, box: SceneNode, k: number, { theme }: Look): void {
  const { x, y, w, node, face, layout } = box
  context.textBaseline = 'middle'
  // Titles stay readable for longer than the rest: they may grow to the height of the header.
  context.font = `600 ${Math.max(13, Math.min(10 / k, 22))}px ${theme.font}`
  context.fillStyle = theme.text
  context.fillText(node.title ?? face.title, x + 30, y + metrics.header / 2, w - 40)
  if (12 * k < 5.5) return
  context.font = `12px ${theme.font}`
  context.fillStyle = theme.dim
  for (const row of layout.rows) {
    if (row.kind === 'picture') continue
    const middle = y + row.y + (row.kind === 'param' ? metrics.paramRow : row.h) / 2
    if (row.kind === 'param') {
      context.fillText(row.param.title, x + 14, middle, w / 2)
      continue
    }
    if (row.input) context.fillText(row.input.title, x + 14, middle, w / 2)
    if (row.output) {
      context.textAlign = 'right'
      context.fillText(row.output.title, x + w - 14, middle, w / 2)
      context.textAlign = 'left'
    }
  }
}

function paintPicture(context: CanvasRenderingContext2D, { id, x, y, w, layout }: SceneNode, look: Look): void {
  const row = layout.rows.find(({ kind }) => kind === 'picture')
  const picture = row && look.picture(id)
  if (!row || !picture) return
  const width = 'naturalWidth' in picture ? picture.naturalWidth : Number((picture as ImageBitmap).width)
  const height = 'naturalHeight' in picture ? picture.naturalHeight : Number((picture as ImageBitmap).height)
  if (width === 0 || height === 0) return
  const scale = Math.min((w - 16) / width, (row.h - 8) / height)
  const [pw, ph] = [width * scale, height * scale]
  context.drawImage(picture, x + (w - pw) / 2, y + row.y + (row.h - ph) / 2, pw, ph)
}
