/** Components: nodes become one node with a definition of its own, and back. Links across the border become sockets. */
import type { Component, DeclaredInput, DeclaredOutput, WorkflowLink } from '@dreamgraph/graph'
import type { Recipe } from '../document-store.js'
import {
  componentOf,
  type End,
  freeName,
  type Graph,
  type GraphName,
  graphOf,
  nodePosition,
  type Point,
  sameEnd,
} from '../graph.js'
import { pruneInterface } from './interface.js'

export interface NewComponent {
  /** Free among the components of the workflow. */
  readonly name: string
  /** Id of the node that takes the place of the others. */
  readonly id: string
  /** Type of an output, as `list<image>`; the catalogue knows. */
  readonly outputType: (end: End) => string
  /** Type of an input or param, and which of both it is. */
  readonly inputType: (end: End) => { readonly type: string; readonly kind: 'param' | 'input'; readonly title?: string }
}

export function makeComponent(graph: GraphName, ids: readonly string[], spec: NewComponent): Recipe {
  const inside = new Set(ids)
  return {
    name: `Make component "${spec.name}"`,
    change: (draft) => {
      const outer = graphOf(draft, graph)
      const inputs: Record<string, DeclaredInput> = {}
      const outputs: Record<string, DeclaredOutput> = {}
      const inner: WorkflowLink[] = []
      const kept: WorkflowLink[] = []
      const inputNames = new Map<string, string>()
      for (const link of outer.links ?? []) {
        const comes = inside.has(link.from.node)
        const goes = inside.has(link.to.node)
        if (comes && goes) inner.push(link)
        else if (goes) {
          const { type, kind, title } = spec.inputType(link.to)
          const at = JSON.stringify(link.to)
          const socket = inputNames.get(at) ?? freeName(link.to.socket, (name) => Object.hasOwn(inputs, name))
          const target =
            kind === 'param'
              ? { node: link.to.node, param: link.to.socket }
              : { node: link.to.node, socket: link.to.socket }
          if (!inputNames.has(at)) inputs[socket] = { type, ...(title !== undefined && { title }), to: [target] }
          inputNames.set(at, socket)
          kept.push({ ...link, to: { node: spec.id, socket } })
        } else if (comes) {
          kept.push({ ...link, from: { node: spec.id, socket: outputFor(outputs, link.from, spec) } })
        } else kept.push(link)
      }
      moveInterface(outer, inside, { inputs, outputs, spec })
      const nodes: Graph['nodes'] = {}
      const places = ids.map((id) => nodePosition(outer.nodes[id]!))
      for (const id of ids) {
        nodes[id] = outer.nodes[id]!
        delete outer.nodes[id]
      }
      draft.components ??= {}
      draft.components[spec.name] = { title: spec.name, inputs, outputs, nodes, links: inner }
      outer.nodes[spec.id] = {
        type: `component/${spec.name}`,
        ui: {
          x: Math.round(places.reduce((sum, { x }) => sum + x, 0) / places.length),
          y: Math.round(places.reduce((sum, { y }) => sum + y, 0) / places.length),
        },
      }
      outer.links = kept
    },
  }
}

function outputFor(outputs: Record<string, DeclaredOutput>, from: End, { outputType }: NewComponent): string {
  const known = Object.entries(outputs).find(([, output]) => sameEnd(output.from, from))
  if (known) return known[0]
  const name = freeName(from.socket, (taken) => Object.hasOwn(outputs, taken))
  outputs[name] = { type: outputType(from), from: { node: from.node, socket: from.socket } }
  return name
}

/** Inputs and outputs of the workflow that lead to nodes inside go on through the border. */
function moveInterface(
  outer: Graph,
  inside: ReadonlySet<string>,
  {
    inputs,
    outputs,
    spec,
  }: { inputs: Record<string, DeclaredInput>; outputs: Record<string, DeclaredOutput>; spec: NewComponent },
): void {
  for (const [name, declared] of Object.entries(outer.inputs ?? {})) {
    const within = declared.to.filter(({ node }) => inside.has(node))
    if (within.length === 0) continue
    const socket = freeName(name, (taken) => Object.hasOwn(inputs, taken))
    const { default: value, ...border } = declared
    inputs[socket] = { ...border, to: within }
    const isParam = within.every(({ param }) => param !== undefined)
    const through = isParam ? { node: spec.id, param: socket } : { node: spec.id, socket }
    declared.to = [...declared.to.filter(({ node }) => !inside.has(node)), through]
    if (value !== undefined) declared.default = value
  }
  for (const declared of Object.values(outer.outputs ?? {})) {
    if (!inside.has(declared.from.node)) continue
    declared.from = { node: spec.id, socket: outputFor(outputs, declared.from, spec) }
  }
}

/** Puts the nodes of a component in the place of the node that uses it. The definition stays while others use it. */
export function unpackComponent(graph: GraphName, id: string): Recipe {
  return {
    name: 'Unpack component',
    change: (draft) => {
      const outer = graphOf(draft, graph)
      const use = outer.nodes[id]
      const name = use && componentOf(use.type)
      const component = name === undefined ? undefined : draft.components?.[name]
      if (!use || !component || name === undefined) return
      const names = new Map<string, string>()
      for (const inner of Object.keys(component.nodes)) {
        const isTaken = (free: string) => Object.hasOwn(outer.nodes, free) || [...names.values()].includes(free)
        names.set(inner, freeName(inner, isTaken))
      }
      placeInside(outer, { id, component, names })
      rewire(outer, { id, component, names })
      delete outer.nodes[id]
      pruneInterface(outer, (node) => node === id)
      const isUsed = [draft, ...Object.values(draft.components ?? {})].some(({ nodes }) =>
        Object.values(nodes).some(({ type }) => type === use.type),
      )
      if (!isUsed) delete draft.components![name]
      if (Object.keys(draft.components!).length === 0) delete draft.components
    },
  }
}

interface Unpacking {
  readonly id: string
  readonly component: Component
  readonly names: ReadonlyMap<string, string>
}

function placeInside(outer: Graph, { id, component, names }: Unpacking): void {
  const use = outer.nodes[id]!
  const at = nodePosition(use)
  const inner = Object.values(component.nodes).map(nodePosition)
  const left = Math.min(...inner.map(({ x }) => x))
  const top = Math.min(...inner.map(({ y }) => y))
  for (const [old, node] of Object.entries(component.nodes)) {
    const copy = structuredClone(JSON.parse(JSON.stringify(node)) as typeof node)
    const place = nodePosition(copy)
    for (const [input, declared] of Object.entries(component.inputs ?? {})) {
      const value = use.params?.[input] ?? declared.default
      for (const target of declared.to) {
        if (target.node !== old || target.param === undefined || value === undefined) continue
        copy.params = { ...copy.params, [target.param]: value }
      }
    }
    if (use.mode) copy.mode = use.mode
    outer.nodes[names.get(old)!] = { ...copy, ui: { ...copy.ui, x: place.x - left + at.x, y: place.y - top + at.y } }
  }
  const moved = <F extends Point>(frames: readonly F[] = []): F[] =>
    frames.map((frame) => ({ ...frame, x: frame.x - left + at.x, y: frame.y - top + at.y }))
  if (component.notes) outer.notes = [...(outer.notes ?? []), ...moved(component.notes)]
  if (component.groups) outer.groups = [...(outer.groups ?? []), ...moved(component.groups)]
}

function rewire(outer: Graph, { id, component, names }: Unpacking): void {
  const links = (component.links ?? []).map((link) => ({
    ...link,
    from: { ...link.from, node: names.get(link.from.node)! },
    to: { ...link.to, node: names.get(link.to.node)! },
  }))
  const targets = (socket: string): End[] =>
    (component.inputs?.[socket]?.to ?? []).map(({ node, param, socket: input }) => ({
      node: names.get(node)!,
      socket: (param ?? input)!,
    }))
  const source = (end: End): End | undefined => {
    if (end.node !== id) return end
    const from = component.outputs?.[end.socket]?.from
    return from && { node: names.get(from.node)!, socket: from.socket }
  }
  const outerLinks = (outer.links ?? []).flatMap((link) => {
    const from = source(link.from)
    const goals = link.to.node === id ? targets(link.to.socket) : [link.to]
    return from ? goals.map((to) => (from === link.from && to === link.to ? link : { ...link, from, to })) : []
  })
  outer.links = [...outerLinks, ...links]
  for (const input of Object.values(outer.inputs ?? {})) {
    if (!input.to.some(({ node }) => node === id)) continue
    input.to = input.to.flatMap((target) => {
      if (target.node !== id) return [target]
      const declared = component.inputs?.[(target.param ?? target.socket)!]
      return (declared?.to ?? []).map((inner) => ({ ...inner, node: names.get(inner.node)! }))
    })
  }
  for (const output of Object.values(outer.outputs ?? {})) {
    const from = source(output.from)
    if (from && from !== output.from) output.from = { ...from }
  }
}
