/** The small window that is open at a place of the page: adding nodes, a wire's menu, why a link was refused, actions. */
import { type ReactNode, useEffect, useLayoutEffect, useRef, useState } from 'react'
import type { Wire } from '../canvas/canvas-surface.js'
import { categoryColor } from '../canvas/paint-theme.js'
import { useSelect } from '../state/use-select.js'
import { addAt, addConverter, addOnWire, nodesForWire, socketsForWire } from './add-node.js'
import { ContextMenu } from './context-menu.js'
import { type Option, OptionList } from './option-list.js'
import type { PopupRequest } from './popups.js'
import type { Workspace } from './workspace.js'

export function Popup({ workspace }: { readonly workspace: Workspace }) {
  const popup = useSelect(workspace.page, (page) => page.popup)
  if (!popup) return null
  const close = (): void => {
    workspace.page.set({ popup: undefined })
    workspace.canvas?.container.focus({ preventScroll: true })
  }
  return (
    <Floating key={`${popup.kind} ${popup.at.x} ${popup.at.y}`} at={popup.at} onClose={close}>
      <Content popup={popup} workspace={workspace} close={close} />
    </Floating>
  )
}

function Content({ popup, workspace, close }: { popup: PopupRequest; workspace: Workspace; close: () => void }) {
  if (popup.kind === 'context') return <ContextMenu workspace={workspace} at={popup.at} close={close} />
  if (popup.kind === 'refusal') return <Refusal popup={popup} workspace={workspace} close={close} />
  const find = popup.kind === 'search' ? searchOptions(workspace, popup.at) : wireOptions(workspace, popup)
  const label = popup.kind === 'search' ? 'Add a node' : 'Connect to'
  return <OptionList label={label} placeholder="Search nodes…" find={find} onClose={close} empty="No node fits" />
}

/** Stays inside the page, closes when one presses elsewhere. */
function Floating({
  at,
  onClose,
  children,
}: {
  at: { x: number; y: number }
  onClose: () => void
  children: ReactNode
}) {
  const element = useRef<HTMLDivElement>(null)
  const [place, setPlace] = useState({ left: at.x, top: at.y })
  useLayoutEffect(() => {
    const box = element.current!.getBoundingClientRect()
    setPlace({
      left: Math.max(8, Math.min(at.x, window.innerWidth - box.width - 8)),
      top: Math.max(8, Math.min(at.y, window.innerHeight - box.height - 8)),
    })
  }, [at])
  useEffect(() => {
    const press = (event: PointerEvent): void => {
      if (!element.current?.contains(event.target as Node)) onClose()
    }
    const key = (event: KeyboardEvent): void => {
      if (event.key === 'Escape') onClose()
    }
    window.addEventListener('pointerdown', press, { capture: true })
    window.addEventListener('keydown', key)
    return () => {
      window.removeEventListener('pointerdown', press, { capture: true })
      window.removeEventListener('keydown', key)
    }
  }, [onClose])
  return (
    <div ref={element} className="popup" style={place}>
      {children}
    </div>
  )
}

function searchOptions(workspace: Workspace, at: { x: number; y: number }): (query: string) => Option[] {
  return (query) => {
    const isAll = query.trim() === ''
    const components = Object.entries(workspace.tab.store.document.components ?? {})
      .filter(([name]) => name.toLowerCase().includes(query.trim().toLowerCase()))
      .map(([name, component]) => ({
        type: `component/${name}`,
        title: component.title ?? name,
        category: 'component',
      }))
    return [...components, ...workspace.search.find(query)].map((node) => ({
      id: node.type,
      label: node.title,
      detail: node.type,
      color: categoryColor(node.category),
      ...(isAll && { group: node.category }),
      take: () => {
        const { canvas } = workspace
        if (canvas) addAt(workspace, node, canvas.toWorld(at))
      },
    }))
  }
}

function wireOptions(workspace: Workspace, popup: PopupRequest & { kind: 'wire' }): (query: string) => Option[] {
  const { wire } = popup
  const color = (type: string) => workspace.catalogue.color(type)
  return (query) => {
    const word = query.trim().toLowerCase()
    const existing = popup.existing
      ? socketsForWire(workspace, wire).filter(({ title, node }) => `${title} ${node}`.toLowerCase().includes(word))
      : []
    return [
      ...existing.map(({ end, title, node }) => ({
        id: `${end.node}-${end.socket}`.replace(/[^\w-]/g, '_'),
        label: title,
        detail: node,
        color: color(wire.value.type),
        group: 'In this workflow',
        take: () => workspace.canvas?.wires.tryConnect(wire, end),
      })),
      ...nodesForWire(workspace, wire, query).map(({ node, socket }) => ({
        id: `new-${node.type.replace('/', '-')}`,
        label: node.title,
        detail: socketTitle(node, socket),
        color: categoryColor(node.category),
        group: popup.existing ? 'New node' : undefined,
        take: () => {
          const { canvas } = workspace
          if (canvas) addOnWire(workspace, wire, node, socket, canvas.toWorld(popup.at))
        },
      })),
    ]
  }
}

const socketTitle = (
  node: {
    readonly [side in 'inputs' | 'params' | 'outputs']: readonly { readonly name: string; readonly title: string }[]
  },
  socket: string,
): string => [...node.inputs, ...node.params, ...node.outputs].find(({ name }) => name === socket)?.title ?? socket

interface RefusalProps {
  readonly popup: PopupRequest & { kind: 'refusal' }
  readonly workspace: Workspace
  readonly close: () => void
}

function Refusal({ popup, workspace, close }: RefusalProps) {
  const { reason, converters, wire, to } = popup
  const insert = (converter: (typeof converters)[number]): void => {
    close()
    const { canvas } = workspace
    if (canvas) addConverter(workspace, wire as Wire, to, converter, canvas.toWorld(popup.at))
  }
  return (
    <div className="refusal" role="alertdialog" aria-label="These do not fit">
      <p>{reason}</p>
      {converters.length > 0 && (
        <>
          <p className="dim">What would make them fit:</p>
          <ul>
            {converters.map((converter) => (
              <li key={converter.node.type}>
                <button type="button" onClick={() => insert(converter)}>
                  <span className="option-dot" style={{ background: categoryColor(converter.node.category) }} />
                  {converter.node.title}
                  <span className="dim">put it between</span>
                </button>
              </li>
            ))}
          </ul>
        </>
      )}
    </div>
  )
}
