/** The canvas in React's tree: makes and ends it with the tab, and lays wire, selection box, notes and minimap over it. */
import { useEffect, useRef, useState } from 'react'
import { createPortal } from 'react-dom'
import { Icon } from '../app/icons.js'
import type { Tab } from '../app/tab.js'
import type { Workspace } from '../app/workspace.js'
import { useSelect } from '../state/use-select.js'
import { canvasKeyDown } from './canvas-keys.js'
import { curvePath, curvePieces } from './curve.js'
import type { GraphCanvas } from './graph-canvas.js'
import { Minimap } from './minimap.js'
import { NotesLayer } from './notes-layer.js'
import { openCanvas } from './open-canvas.js'

export function CanvasView({ workspace, tab }: { readonly workspace: Workspace; readonly tab: Tab }) {
  const element = useRef<HTMLElement>(null)
  const [canvas, setCanvas] = useState<GraphCanvas | undefined>(undefined)
  const showsMinimap = useSelect(workspace.page, ({ minimap }) => minimap)
  useEffect(() => {
    const opened = openCanvas(element.current!, workspace, tab)
    workspace.canvas = opened
    setCanvas(opened)
    return () => {
      if (workspace.canvas === opened) workspace.canvas = undefined
      opened.destroy()
    }
  }, [workspace, tab])
  return (
    <div className="canvas-frame">
      <section
        ref={element}
        className="canvas"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: the graph is worked with by keyboard from here
        tabIndex={0}
        aria-label="Graph. Arrow keys go from node to node, Alt with arrows from socket to socket, Enter opens, question mark shows all keys."
        onKeyDown={(event) => canvas && canvasKeyDown(event.nativeEvent, workspace, canvas)}
      />
      {canvas && <Overlay canvas={canvas} />}
      {canvas && <Spoken canvas={canvas} tab={tab} />}
      {canvas && createPortal(<NotesLayer canvas={canvas} tab={tab} />, canvas.stage.holder)}
      {canvas && <Trail tab={tab} canvas={canvas} />}
      {canvas && <EmptyHint canvas={canvas} workspace={workspace} />}
      <div className="canvas-corner">
        {canvas && showsMinimap && <Minimap canvas={canvas} workspace={workspace} />}
        {canvas && <ZoomBar canvas={canvas} workspace={workspace} />}
      </div>
    </div>
  )
}

function Overlay({ canvas }: { readonly canvas: GraphCanvas }) {
  const { wire, marquee } = useSelect(canvas.overlay, (overlay) => overlay)
  const { transform } = useSelect(canvas.view, (view) => view)
  const { x, y, k } = transform
  return (
    <svg className="canvas-overlay" aria-hidden="true">
      {wire && (
        <g transform={`translate(${x} ${y}) scale(${k})`}>
          <path d={curvePath(curvePieces(wire.from, wire.to))} stroke={wire.color} strokeWidth={3} fill="none" />
          <circle cx={wire.to.x} cy={wire.to.y} r={5} fill={wire.color} />
        </g>
      )}
      {marquee && <rect className="marquee" x={marquee.x} y={marquee.y} width={marquee.w} height={marquee.h} rx={3} />}
    </svg>
  )
}

/** Tells those who do not see it where the keyboard stands. */
function Spoken({ canvas, tab }: { readonly canvas: GraphCanvas; readonly tab: Tab }) {
  const { nodes, cursor } = useSelect(tab.view, (view) => view)
  const box = canvas.scene.nodes.get([...nodes].at(-1) ?? '')
  const name = box && (box.node.title ?? box.face.title)
  const place = cursor
    ? `${cursor.side} ${cursor.socket}`
    : box
      ? `${box.face.inputs.length} inputs, ${box.face.outputs.length} outputs`
      : ''
  return (
    <div className="spoken" aria-live="polite">
      {nodes.size > 1 ? `${nodes.size} nodes selected` : name && `${name}, ${place}`}
    </div>
  )
}

/** The way back out of an open component. */
function Trail({ tab, canvas }: { readonly tab: Tab; readonly canvas: GraphCanvas }) {
  const { trail, graph } = useSelect(tab.view, (view) => view)
  const title = useSelect(tab.place, (place) => place.title)
  if (trail.length === 0) return null
  const names = [...trail.map((step) => step.graph ?? title), graph ?? '']
  return (
    <nav className="trail" aria-label="Open components">
      {names.map((name, depth) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a component's place in the trail is what names it
        <span key={`${depth} ${name}`}>
          {depth > 0 && <Icon name="chevron" size={11} />}
          <button
            type="button"
            disabled={depth === names.length - 1}
            onClick={() => {
              tab.leaveComponent(depth)
              canvas.fit()
            }}
          >
            {name}
          </button>
        </span>
      ))}
    </nav>
  )
}

function EmptyHint({ canvas, workspace }: { readonly canvas: GraphCanvas; readonly workspace: Workspace }) {
  const isEmpty = useSelect(canvas.changes, () => canvas.scene.nodes.size === 0)
  if (!isEmpty) return null
  return (
    <div className="empty-hint">
      <h2>Start with a template, or wire your own</h2>
      <p>
        Double-click the canvas or press <kbd>Space</kbd> to add a node. Drop a workflow or a picture made by one to
        open it.
      </p>
      <button type="button" className="button primary" onClick={() => workspace.page.set({ left: 'templates' })}>
        <Icon name="template" /> Browse templates
      </button>
    </div>
  )
}

function ZoomBar({ canvas, workspace }: { readonly canvas: GraphCanvas; readonly workspace: Workspace }) {
  const k = useSelect(canvas.view, ({ transform }) => transform.k)
  return (
    <div className="zoom-bar" role="toolbar" aria-label="Zoom">
      <button
        type="button"
        aria-label="Zoom out"
        title="Zoom out"
        onClick={() => canvas.zoomTo(Math.max(0.05, k / 1.25))}
      >
        <Icon name="minus" />
      </button>
      <button type="button" className="zoom-value" title="Zoom to 100 %" onClick={() => canvas.zoomTo(1)}>
        {Math.round(k * 100)} %
      </button>
      <button type="button" aria-label="Zoom in" title="Zoom in" onClick={() => canvas.zoomTo(Math.min(2.5, k * 1.25))}>
        <Icon name="add" />
      </button>
      <button type="button" aria-label="Show all" title="Show all" onClick={() => canvas.fit()}>
        <Icon name="fit" />
      </button>
      <button
        type="button"
        aria-label="Minimap"
        title="Minimap"
        aria-pressed={workspace.page.state.minimap}
        onClick={() => workspace.page.set({ minimap: !workspace.page.state.minimap })}
      >
        <Icon name="map" />
      </button>
    </div>
  )
}
