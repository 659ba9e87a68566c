/** The dot of a socket. Rete's connection plugin is told of its element; keyboard and colours are ours. */
import { useEffect, useRef } from 'react'
import type { NodeCatalogue } from '../catalogue/catalogue.js'
import { useSelect } from '../state/use-select.js'
import type { GraphCanvas } from './graph-canvas.js'

export interface SocketProps {
  readonly canvas: GraphCanvas
  readonly catalogue: NodeCatalogue
  readonly owner: string
  readonly side: 'input' | 'output'
  readonly port: {
    readonly name: string
    readonly type: string
    readonly title: string
    readonly many?: boolean
    readonly list?: boolean
    readonly optional?: boolean
  }
  /** A socket of a param: smaller, it need not be linked. */
  readonly isParam?: boolean
}

export function NodeSocket({ canvas, catalogue, owner, side, port, isParam }: SocketProps) {
  const element = useRef<HTMLSpanElement>(null)
  const { name } = port
  useEffect(() => {
    const dot = element.current
    if (!dot) return
    canvas.stage.socketMounted(dot, { nodeId: owner, side, key: name })
    return () => canvas.stage.socketUnmounted(dot)
  }, [canvas, owner, side, name])
  const isLinked = useSelect(canvas.changes, () =>
    side === 'output'
      ? canvas.scene.used.has(`${owner} ${name}`)
      : canvas.scene.fed.has(`${owner} ${name}`) ||
        (canvas.scene.incoming.get(owner)?.some(({ to }) => to.socket === name) ?? false),
  )
  const isAt = useSelect(
    canvas.host.tab.view,
    ({ cursor }) => cursor?.node === owner && cursor.side === side && cursor.socket === name,
  )
  const type = catalogue.socketType(port.type)?.title ?? port.type
  const kind = `${port.list ? 'list of ' : ''}${type}${port.many ? ', any number' : ''}${port.optional ? ', optional' : ''}`
  const classes = [
    'socket',
    side,
    isLinked && 'linked',
    isParam && 'of-param',
    port.many && 'many',
    port.list && 'list',
  ]
  if (isAt) classes.push('cursor')
  return (
    <span
      ref={element}
      className={classes.filter(Boolean).join(' ')}
      data-socket={name}
      data-side={side}
      data-owner={owner}
      title={`${port.title}: ${kind}`}
      style={{ '--socket': catalogue.color(port.type) } as React.CSSProperties}
    >
      <span className="socket-dot" />
    </span>
  )
}
