/** Adding nodes where one points, with the link that asked for them. */
import type { NodeDescription } from '@dreamgraph/graph'
import type { Wire } from '../canvas/canvas-surface.js'
import { metrics } from '../canvas/node-layout.js'
import { inputGoal } from '../catalogue/catalogue.js'
import { type Converter, fittingGoals, fittingOutputs } from '../catalogue/compatibility.js'
import { faceOf, goalOf, outputOf } from '../catalogue/face.js'
import type { Recipe } from '../document/document-store.js'
import { type End, freeNodeId, graphOf, type Point } from '../document/graph.js'
import { addLink } from '../document/recipes/links.js'
import { addNode, type NewNode } from '../document/recipes/nodes.js'
import type { Workspace } from './workspace.js'

/** Kind of what is dragged out of the node library: the type of a node. */
export const nodeDrag = 'application/x-dreamgraph-node'

/** Adds a node with its upper left corner at a place of the world, and selects it. */
export function addAt(
  workspace: Workspace,
  type: { readonly type: string; readonly version?: number; readonly title: string },
  at: Point,
): string {
  const { tab } = workspace
  const id = freeNodeId(graphOf(tab.store.document, tab.graph), type.type)
  tab.apply(addNode(tab.graph, newNode(id, type, at)))
  tab.select([id])
  return id
}

/** Adds a node at the loose end of a wire and connects it: one step of the history. */
export function addOnWire(workspace: Workspace, wire: Wire, type: NodeDescription, socket: string, at: Point): void {
  const { tab } = workspace
  const id = freeNodeId(graphOf(tab.store.document, tab.graph), type.type)
  const isFromOutput = wire.side === 'output'
  const place = { x: isFromOutput ? at.x : at.x - metrics.width, y: at.y - metrics.header }
  const link = isFromOutput
    ? { from: wire.end, to: { node: id, socket }, many: type.inputs.find(({ name }) => name === socket)?.many ?? false }
    : { from: { node: id, socket }, to: wire.end, many: wire.value.many ?? false }
  const recipe: Recipe = {
    name: `Add ${type.title}`,
    change: (draft) => {
      const graph = graphOf(draft, tab.graph)
      addNode(tab.graph, newNode(id, type, place)).change(draft)
      if (wire.moved) {
        const { from, to } = wire.moved
        graph.links = graph.links?.filter(
          (old) =>
            old.from.node !== from.node ||
            old.from.socket !== from.socket ||
            old.to.node !== to.node ||
            old.to.socket !== to.socket,
        )
      }
      addLink(graph, link)
    },
  }
  tab.apply(recipe)
  tab.select([id])
}

/** Puts a converter between both ends of a refused link. */
export function addConverter(
  workspace: Workspace,
  wire: Wire,
  other: End,
  { node, input, output }: Converter,
  at: Point,
): void {
  const { tab } = workspace
  const { document } = tab.store
  const [from, to] = wire.side === 'output' ? [wire.end, other] : [other, wire.end]
  const id = freeNodeId(graphOf(document, tab.graph), node.type)
  const many = goalOf(faceOf(document, tab.graph, to.node, workspace.catalogue), to.socket)?.many ?? false
  const inputMany = node.inputs.find(({ name }) => name === input)?.many ?? false
  tab.apply({
    name: `Add ${node.title} between`,
    change: (draft) => {
      addNode(tab.graph, newNode(id, node, { x: at.x - metrics.width / 2, y: at.y + 40 })).change(draft)
      const graph = graphOf(draft, tab.graph)
      addLink(graph, { from, to: { node: id, socket: input }, many: inputMany })
      addLink(graph, { from: { node: id, socket: output }, to, many })
    },
  })
  tab.select([id])
}

/** Node types with a socket for the loose end of a wire, the most likely first. */
export function nodesForWire(
  workspace: Workspace,
  wire: Wire,
  query: string,
): { node: NodeDescription; socket: string }[] {
  const { catalogue, search } = workspace
  const found = search.find(query).flatMap((node) => {
    const socket =
      wire.side === 'output'
        ? fittingGoals(catalogue, node, wire.value)[0]?.name
        : fittingOutputs(catalogue, node, { name: '', many: false, ...wire.value })[0]
    return socket === undefined ? [] : [{ node, socket }]
  })
  if (query.trim() !== '') return found
  // Without a word: nodes with an input of just that type come before those that would take it as a param.
  const isInput = ({ node, socket }: { node: NodeDescription; socket: string }): boolean =>
    wire.side === 'input' ||
    node.inputs.some((port) => port.name === socket && inputGoal(port).type === wire.value.type)
  return found.toSorted((a, b) => Number(isInput(b)) - Number(isInput(a)))
}

/** Sockets of the open graph that a wire may go to. */
export function socketsForWire(workspace: Workspace, wire: Wire): { end: End; title: string; node: string }[] {
  const { canvas, tab } = workspace
  if (!canvas) return []
  const found: { end: End; title: string; node: string }[] = []
  const side = wire.side === 'output' ? 'input' : 'output'
  for (const box of canvas.scene.nodes.values()) {
    if (box.id === wire.end.node) continue
    const names = side === 'input' ? [...box.face.inputs, ...box.face.params] : box.face.outputs
    for (const { name, title } of names) {
      const other = side === 'input' ? goalOf(box.face, name) : outputOf(box.face, name)
      if (!other || !canvas.wires.fitsTo(wire, other)) continue
      const owner = tab.store.document && (box.node.title ?? box.face.title)
      found.push({ end: { node: box.id, socket: name }, title, node: `${owner} (${box.id})` })
    }
  }
  return found
}

const newNode = (
  id: string,
  type: { readonly type: string; readonly version?: number; readonly title: string },
  at: Point,
): NewNode => ({
  id,
  type: type.type,
  at,
  title: type.title,
  ...(type.version !== undefined && { version: type.version }),
})
