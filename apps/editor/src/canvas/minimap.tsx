/** The whole graph, small, with the part that is seen; a press or drag on it goes there. */
import { type PointerEvent, useEffect, useRef } from 'react'
import type { Workspace } from '../app/workspace.js'
import type { Rect } from '../document/recipes/frames.js'
import { useSelect } from '../state/use-select.js'
import type { GraphCanvas } from './graph-canvas.js'
import { categoryColor } from './paint-theme.js'
import { around } from './scene.js'

const size = { w: 200, h: 130 }

export function Minimap({ canvas, workspace }: { readonly canvas: GraphCanvas; readonly workspace: Workspace }) {
  const element = useRef<HTMLCanvasElement>(null)
  const version = useSelect(canvas.changes, (state) => state.version)
  const view = useSelect(canvas.view, (state) => state)
  const theme = useSelect(workspace.page, (page) => page.theme)
  const bounds = canvas.scene.bounds()
  const { x, y, k } = view.transform
  const seen: Rect = { x: -x / k, y: -y / k, w: view.w / k, h: view.h / k }
  const world = bounds ? grown(bounds) : seen
  const scale = Math.min(size.w / world.w, size.h / world.h)
  const left = (size.w - world.w * scale) / 2 - world.x * scale
  const top = (size.h - world.h * scale) / 2 - world.y * scale

  // biome-ignore lint/correctness/useExhaustiveDependencies: painted anew when the scene or the theme changes, not by panning
  useEffect(() => {
    const context = element.current?.getContext('2d')
    if (!context) return
    const ratio = Math.min(window.devicePixelRatio, 2)
    context.setTransform(ratio, 0, 0, ratio, 0, 0)
    context.clearRect(0, 0, size.w, size.h)
    for (const { node, face, ...box } of canvas.scene.nodes.values()) {
      context.fillStyle = node.ui?.color ?? categoryColor(face.category)
      context.globalAlpha = node.mode ? 0.3 : 0.8
      const [w, h] = [Math.max(2, box.w * scale), Math.max(2, box.h * scale)]
      context.fillRect(box.x * scale + left, box.y * scale + top, w, h)
    }
  }, [version, theme, scale, left, top])

  const go = (event: PointerEvent): void => {
    if (event.buttons !== 1) return
    const box = event.currentTarget.getBoundingClientRect()
    canvas.centerOn({ x: (event.clientX - box.left - left) / scale, y: (event.clientY - box.top - top) / scale })
  }
  const ratio = Math.min(window.devicePixelRatio, 2)
  const frame = clipped({ x: seen.x * scale + left, y: seen.y * scale + top, w: seen.w * scale, h: seen.h * scale })
  return (
    <div className="minimap" aria-hidden="true" onPointerDown={go} onPointerMove={go}>
      <canvas ref={element} width={size.w * ratio} height={size.h * ratio} style={{ width: size.w, height: size.h }} />
      <span className="minimap-view" style={{ left: frame.x, top: frame.y, width: frame.w, height: frame.h }} />
    </div>
  )
}

const grown = ({ x, y, w, h }: Rect): Rect => ({ x: x - 60, y: y - 60, w: w + 120, h: h + 120 })

function clipped(rect: Rect): Rect {
  const x = Math.max(0, rect.x)
  const y = Math.max(0, rect.y)
  const w = Math.max(0, Math.min(size.w, rect.x + rect.w) - x)
  const h = Math.max(0, Math.min(size.h, rect.y + rect.h) - y)
  return around([{ x, y, w, h }])
}
