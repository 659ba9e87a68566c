/**
 * Paints grid, groups, links and distant nodes on one canvas under the mounted nodes. The canvas is larger than the
 * view, so that panning only shifts it; it is painted anew when its margin is used up or something has changed.
 */
import { linkKey } from '../app/tab.js'
import type { Rect } from '../document/recipes/frames.js'
import { traceCurve } from './curve.js'
import type { Look, Transform } from './look.js'
import { paintNode } from './paint-node.js'
import type { PaintTheme } from './paint-theme.js'
import { groupBar, overlaps, type Scene, type SceneLink } from './scene.js'

/** Pixels beyond each edge of the view. */
const margin = 320

export class Painter {
  readonly canvas = document.createElement('canvas')
  readonly #context: CanvasRenderingContext2D
  readonly #dot = document.createElement('canvas')
  /** What the tile of the grid shows at the moment: its size and colour. */
  #dotKey = ''
  #size = { w: 0, h: 0, ratio: 1 }
  /** What the canvas shows at the moment. */
  #painted: { readonly transform: Transform; readonly version: number } | undefined

  constructor() {
    this.canvas.className = 'scene-canvas'
    this.canvas.setAttribute('aria-hidden', 'true')
    this.#context = this.canvas.getContext('2d', { alpha: false })!
  }

  resize(w: number, h: number): void {
    const ratio = Math.min(window.devicePixelRatio, 2)
    this.#size = { w: w + 2 * margin, h: h + 2 * margin, ratio }
    this.canvas.width = Math.round(this.#size.w * ratio)
    this.canvas.height = Math.round(this.#size.h * ratio)
    this.canvas.style.width = `${this.#size.w}px`
    this.canvas.style.height = `${this.#size.h}px`
    this.#painted = undefined
  }

  /** Shows the scene under `transform`; `version` names the content, all that is not the transform. */
  show(scene: Scene, transform: Transform, version: number, look: () => Look): void {
    const painted = this.#painted
    const dx = painted ? transform.x - painted.transform.x : 0
    const dy = painted ? transform.y - painted.transform.y : 0
    const isSame = painted?.version === version && painted.transform.k === transform.k
    if (!isSame || Math.abs(dx) > margin || Math.abs(dy) > margin) {
      this.#paint(scene, transform, look())
      this.#painted = { transform: { ...transform }, version }
      this.canvas.style.transform = `translate(${-margin}px, ${-margin}px)`
    } else this.canvas.style.transform = `translate(${dx - margin}px, ${dy - margin}px)`
  }

  #paint(scene: Scene, { x, y, k }: Transform, look: Look): void {
    const context = this.#context
    const { w, h, ratio } = this.#size
    context.setTransform(ratio, 0, 0, ratio, 0, 0)
    context.fillStyle = look.theme.background
    context.fillRect(0, 0, w, h)
    this.#paintGrid({ x: x + margin, y: y + margin, k }, look.theme)
    context.setTransform(ratio * k, 0, 0, ratio * k, (x + margin) * ratio, (y + margin) * ratio)
    const view: Rect = { x: (-x - margin) / k, y: (-y - margin) / k, w: w / k, h: h / k }
    paintGroups(context, scene, view, { k, look })
    paintLinks(context, scene, view, { k, look })
    for (const box of scene.nodes.values()) {
      if (look.mounted.has(box.id) || !overlaps(box, view)) continue
      paintNode(context, box, k, look)
    }
  }

  /**
   * Dots; coarser when far, so that they never become a grey haze. Filled from one tile: the thousands of dots of a large
   * canvas, each a rectangle of its own, took longer to paint than everything else.
   */
  #paintGrid({ x, y, k }: Transform, theme: PaintTheme): void {
    const { w, h, ratio } = this.#size
    let step = 24 * k
    while (step < 18) step *= 4
    const side = Math.round(step * ratio)
    const size = (step > 60 ? 2 : 1.5) * ratio
    const key = `${side} ${size} ${theme.grid}`
    if (this.#dotKey !== key) {
      this.#dot.width = this.#dot.height = side
      const dot = this.#dot.getContext('2d')!
      dot.fillStyle = theme.grid
      dot.fillRect(0, 0, size, size)
      this.#dotKey = key
    }
    const pattern = this.#context.createPattern(this.#dot, 'repeat')!
    // The tile has whole pixels, the step has not.
    pattern.setTransform(new DOMMatrix([step / side, 0, 0, step / side, x % step, y % step]))
    this.#context.fillStyle = pattern
    this.#context.fillRect(0, 0, w, h)
  }
}

interface PaintOptions {
  readonly k: number
  readonly look: Look
}

function paintGroups(context: CanvasRenderingContext2D, scene: Scene, view: Rect, { k, look }: PaintOptions): void {
  for (const group of scene.groups) {
    if (!overlaps(group, view)) continue
    const color = group.color ?? look.theme.group
    context.beginPath()
    context.roundRect(group.x, group.y, group.w, group.h, 12)
    context.globalAlpha = 0.1
    context.fillStyle = color
    context.fill()
    context.globalAlpha = 0.55
    context.strokeStyle = color
    context.lineWidth = Math.max(1, 1 / k)
    context.stroke()
    context.globalAlpha = 1
    const size = Math.max(15, Math.min(13 / k, 60))
    context.font = `600 ${size}px ${look.theme.font}`
    context.fillStyle = look.theme.text
    context.textBaseline = 'middle'
    context.fillText(group.title, group.x + 14, group.y + groupBar / 2, group.w - 28)
  }
}

/** One stroke per colour: many single strokes are what makes links slow. */
function paintLinks(context: CanvasRenderingContext2D, scene: Scene, view: Rect, { k, look }: PaintOptions): void {
  const byColor = new Map<string, Path2D>()
  const bright: SceneLink[] = []
  const isFar = k < 0.25
  for (const link of scene.links) {
    if (!overlaps(link.box, view)) continue
    const isSelected = look.selectedLinks.size > 0 && look.selectedLinks.has(linkKey(link.link))
    if (isSelected || look.hoveredLink === link.index) bright.push(link)
    const path = byColor.get(link.color) ?? new Path2D()
    byColor.set(link.color, path)
    if (!isFar) traceCurve(path, link.pieces)
    else {
      for (const [start, , , end] of link.pieces) {
        path.moveTo(start.x, start.y)
        path.lineTo(end.x, end.y)
      }
    }
  }
  context.lineCap = 'round'
  context.lineWidth = isFar ? 1 / k : Math.max(2.25, 1.25 / k)
  context.globalAlpha = isFar ? 0.45 : look.theme.linkAlpha
  for (const [color, path] of byColor) {
    context.strokeStyle = color
    context.stroke(path)
  }
  context.globalAlpha = 1
  for (const link of bright) {
    const path = new Path2D()
    traceCurve(path, link.pieces)
    context.strokeStyle = look.theme.accent
    context.lineWidth = Math.max(6, 5 / k)
    context.globalAlpha = 0.35
    context.stroke(path)
    context.globalAlpha = 1
    context.strokeStyle = link.color
    context.lineWidth = Math.max(3, 2.5 / k)
    context.stroke(path)
  }
  if (isFar) return
  for (const { pieces, color } of scene.links) {
    for (const [, , , end] of pieces.slice(0, -1)) {
      context.beginPath()
      context.arc(end.x, end.y, 6, 0, 7)
      context.fillStyle = look.theme.background
      context.fill()
      context.strokeStyle = color
      context.lineWidth = 2.5
      context.stroke()
    }
  }
}
