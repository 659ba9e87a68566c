/** Automatic layout: layers from left to right, few crossings. Loaded when it is first asked for. */
import type { ELK, ElkNode } from 'elkjs/lib/elk-api.js'
import type { Point } from '../document/graph.js'
import type { Scene } from './scene.js'

let elk: Promise<ELK> | undefined

async function layoutProgram(): Promise<ELK> {
  const { default: Elk } = await import('elkjs/lib/elk.bundled.js')
  return new Elk()
}

/** New places of the chosen nodes, or of all; what is chosen keeps its upper left corner. */
export async function arrangeGraph(scene: Scene, chosen?: ReadonlySet<string>): Promise<Map<string, Point>> {
  elk ??= layoutProgram().catch((cause) => {
    elk = undefined // the server may be away; the next time may do
    throw cause
  })
  const boxes = [...scene.nodes.values()].filter(({ id }) => chosen?.has(id) ?? true)
  const ids = new Set(boxes.map(({ id }) => id))
  const port = (side: string, node: string, socket: string): string => JSON.stringify([side, node, socket])
  const children = boxes.map(
    ({ id, w, h, layout }): ElkNode => ({
      id,
      width: w,
      height: h,
      layoutOptions: { 'elk.portConstraints': 'FIXED_POS' },
      ports: [
        ...[...layout.inputs].map(([name, y]) => ({ id: port('in', id, name), x: 0, y, width: 0, height: 0 })),
        ...[...layout.outputs].map(([name, y]) => ({ id: port('out', id, name), x: w, y, width: 0, height: 0 })),
      ],
    }),
  )
  const links = scene.links.map(({ link }) => link).filter(({ from, to }) => ids.has(from.node) && ids.has(to.node))
  const known = new Set(children.flatMap(({ ports = [] }) => ports.map(({ id }) => id)))
  const edges = links.flatMap(({ from, to }, index) => {
    const source = port('out', from.node, from.socket)
    const target = port('in', to.node, to.socket)
    return known.has(source) && known.has(target) ? [{ id: `link-${index}`, sources: [source], targets: [target] }] : []
  })
  const result = await (await elk).layout({
    id: 'graph',
    children,
    edges,
    layoutOptions: {
      'elk.algorithm': 'layered',
      'elk.direction': 'RIGHT',
      'elk.spacing.nodeNode': '36',
      'elk.layered.spacing.nodeNodeBetweenLayers': '80',
      'elk.layered.nodePlacement.strategy': 'NETWORK_SIMPLEX',
      'elk.layered.considerModelOrder.strategy': 'NODES_AND_EDGES',
    },
  })
  const left = Math.min(...boxes.map(({ x }) => x))
  const top = Math.min(...boxes.map(({ y }) => y))
  return new Map((result.children ?? []).map(({ id, x = 0, y = 0 }) => [id, { x: left + x - 12, y: top + y - 12 }]))
}
