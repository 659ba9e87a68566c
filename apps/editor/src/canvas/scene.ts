/** The open graph as boxes and curves: what is where. Rebuilt from the document after each change; only what changed is laid out anew. */
import type { Workflow, WorkflowLink, WorkflowNode } from '@dreamgraph/graph'
import type { NodeCatalogue } from '../catalogue/catalogue.js'
import { type Face, faceOf } from '../catalogue/face.js'
import { type End, findGraph, type Graph, type GraphName, type Point, waypoints } from '../document/graph.js'
import type { Rect } from '../document/recipes/frames.js'
import { curveDistance, curvePieces, type Piece } from './curve.js'
import { layoutNode, metrics, type NodeLayout } from './node-layout.js'

export interface SceneNode extends Rect {
  readonly id: string
  readonly node: WorkflowNode
  readonly face: Face
  readonly layout: NodeLayout
  readonly hasPicture: boolean
}

export interface SceneLink {
  readonly link: WorkflowLink
  readonly index: number
  readonly pieces: readonly Piece[]
  readonly box: Rect
  readonly color: string
}

export interface SceneGroup extends Rect {
  readonly index: number
  readonly title: string
  readonly color?: string
}

const nothing: Graph = { nodes: {} }

export class Scene {
  readonly nodes = new Map<string, SceneNode>()
  links: SceneLink[] = []
  /** Links into each node. */
  incoming = new Map<string, WorkflowLink[]>()
  /** `node socket` of every output that feeds something, and of every input that the border of the graph feeds. */
  used = new Set<string>()
  fed = new Set<string>()
  groups: SceneGroup[] = []
  graph: Graph = nothing
  /** Raised by every update; views compare it. */
  version = 0

  update(workflow: Workflow, name: GraphName, catalogue: NodeCatalogue, pictures: ReadonlySet<string>): void {
    const graph = findGraph(workflow, name) ?? nothing
    this.graph = graph
    this.version++
    for (const id of this.nodes.keys()) if (!Object.hasOwn(graph.nodes, id)) this.nodes.delete(id)
    for (const [id, node] of Object.entries(graph.nodes)) {
      const old = this.nodes.get(id)
      const face = faceOf(workflow, name, id, catalogue)
      const hasPicture = pictures.has(id)
      if (old?.node === node && old.face === face && old.hasPicture === hasPicture) continue
      const layout = layoutNode(face, node, hasPicture)
      const { w, h } = layout
      this.nodes.set(id, { id, node, face, layout, hasPicture, x: node.ui?.x ?? 0, y: node.ui?.y ?? 0, w, h })
    }
    this.links = (graph.links ?? []).flatMap((link, index) => {
      const from = this.socketPoint('output', link.from)
      const to = this.socketPoint('input', link.to)
      if (!from || !to) return []
      const pieces = curvePieces(from, to, waypoints(link))
      const type = this.nodes.get(link.from.node)!.face.outputs.find((port) => port.name === link.from.socket)?.type
      return [{ link, index, pieces, box: boxOf(pieces), color: catalogue.color(type ?? '') }]
    })
    this.incoming = new Map()
    this.used = new Set()
    for (const link of graph.links ?? []) {
      const known = this.incoming.get(link.to.node)
      if (known) known.push(link)
      else this.incoming.set(link.to.node, [link])
      this.used.add(`${link.from.node} ${link.from.socket}`)
    }
    for (const { from } of Object.values(graph.outputs ?? {})) this.used.add(`${from.node} ${from.socket}`)
    const targets = Object.values(graph.inputs ?? {}).flatMap(({ to }) => to)
    this.fed = new Set(targets.map(({ node, socket, param }) => `${node} ${param ?? socket}`))
    this.groups = (graph.groups ?? []).map((group, index) => ({ ...group, index, title: group.title ?? '' }))
  }

  /** The middle of a socket; for a name that the node lacks, a place on its edge, so that bad links can be seen. */
  socketPoint(side: 'input' | 'output', { node, socket }: End): Point | undefined {
    const box = this.nodes.get(node)
    if (!box) return undefined
    const offset = box.layout[side === 'input' ? 'inputs' : 'outputs'].get(socket) ?? metrics.header / 2
    return { x: side === 'input' ? box.x : box.x + box.w, y: box.y + offset }
  }

  /** The topmost node there; later ones lie over earlier ones. */
  nodeAt(point: Point, margin = 0): SceneNode | undefined {
    let found: SceneNode | undefined
    for (const box of this.nodes.values()) if (contains(box, point, margin)) found = box
    return found
  }

  nodesIn(rect: Rect): SceneNode[] {
    return [...this.nodes.values()].filter((box) => overlaps(box, rect))
  }

  linkAt(point: Point, tolerance: number): { link: SceneLink; piece: number } | undefined {
    let found: { link: SceneLink; piece: number } | undefined
    let best = tolerance
    for (const link of this.links) {
      if (!contains(link.box, point, tolerance)) continue
      const { distance, piece } = curveDistance(link.pieces, point)
      if (distance > best) continue
      best = distance
      found = { link, piece }
    }
    return found
  }

  /** A group is taken by its title bar. */
  groupAt(point: Point): SceneGroup | undefined {
    return this.groups.findLast((group) => contains({ ...group, h: groupBar }, point, 0))
  }

  nodesInside(group: Rect): string[] {
    const inside = (box: SceneNode): boolean => contains(group, { x: box.x + box.w / 2, y: box.y + box.h / 2 }, 0)
    return [...this.nodes.values()].filter(inside).map(({ id }) => id)
  }

  /** Around all nodes, groups and notes; undefined when there is nothing. */
  bounds(ids?: Iterable<string>): Rect | undefined {
    const chosen = ids && [...ids].flatMap((id) => this.nodes.get(id) ?? [])
    const notes = (this.graph.notes ?? []).map((note) => ({ ...note, w: note.w ?? 260, h: note.h ?? 120 }))
    const all: Rect[] = chosen ?? [...this.nodes.values(), ...this.groups, ...notes]
    return all.length === 0 ? undefined : around(all)
  }
}

export const groupBar = 34

export function around(rects: readonly Rect[]): Rect {
  const x = Math.min(...rects.map((rect) => rect.x))
  const y = Math.min(...rects.map((rect) => rect.y))
  const w = Math.max(...rects.map((rect) => rect.x + rect.w)) - x
  const h = Math.max(...rects.map((rect) => rect.y + rect.h)) - y
  return { x, y, w, h }
}

export const overlaps = (a: Rect, b: Rect): boolean =>
  a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h

const contains = (rect: Rect, { x, y }: Point, margin: number): boolean =>
  x >= rect.x - margin && y >= rect.y - margin && x <= rect.x + rect.w + margin && y <= rect.y + rect.h + margin

/** A Bézier curve stays within the box of its four points. */
function boxOf(pieces: readonly Piece[]): Rect {
  return around(pieces.flatMap((piece) => piece.map(({ x, y }) => ({ x, y, w: 0, h: 0 }))))
}
