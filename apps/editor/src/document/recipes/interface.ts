/** Gestures on the declared inputs and outputs of a workflow or component: what makes it a function callable by name. */
import type { DeclaredInput, JsonValue, WorkflowLink } from '@dreamgraph/graph'
import type { Recipe } from '../document-store.js'
import { type End, freeName, type Graph, type GraphName, graphOf, sameEnd } from '../graph.js'

export interface NewInput {
  readonly name: string
  /** Socket type, or `list<type>`. */
  readonly type: string
  readonly title?: string
  readonly to: End & { readonly kind: 'param' | 'input' }
  readonly default?: JsonValue
}

export function declareInput(graph: GraphName, input: NewInput): Recipe {
  return {
    name: `Make "${input.title ?? input.name}" an input`,
    change: (draft) => {
      const target = graphOf(draft, graph)
      const { node, socket, kind } = input.to
      freeTarget(target, { node, socket })
      target.links = withoutLinksTo(target.links, { node, socket })
      target.inputs ??= {}
      const name = freeName(input.name, (taken) => Object.hasOwn(target.inputs!, taken))
      target.inputs[name] = {
        type: input.type,
        ...(input.title !== undefined && { title: input.title }),
        ...(input.default !== undefined && { default: input.default }),
        to: [kind === 'param' ? { node, param: socket } : { node, socket }],
      }
    },
  }
}

/** The declared default goes back to the params that it fed, so that removing an input changes no value. */
export function removeInput(graph: GraphName, name: string): Recipe {
  return {
    name: 'Remove input',
    change: (draft) => {
      const target = graphOf(draft, graph)
      const input = target.inputs?.[name]
      if (!input) return
      for (const { node, param } of input.to) {
        const owner = target.nodes[node]
        if (param === undefined || input.default === undefined || !owner) continue
        owner.params = { ...owner.params, [param]: input.default }
      }
      delete target.inputs![name]
    },
  }
}

export function setInputDefault(graph: GraphName, name: string, value: JsonValue | undefined): Recipe {
  return {
    name: `Set ${name}`,
    mergeKey: `input/${graph}/${name}`,
    change: (draft) => {
      const input = graphOf(draft, graph).inputs?.[name]
      if (!input) return
      if (value === undefined) delete input.default
      else input.default = value
    },
  }
}

export function declareOutput(graph: GraphName, name: string, type: string, from: End): Recipe {
  return {
    name: 'Make an output',
    change: (draft) => {
      const target = graphOf(draft, graph)
      target.outputs ??= {}
      const free = freeName(name, (taken) => Object.hasOwn(target.outputs!, taken))
      target.outputs[free] = { type, from: { ...from } }
    },
  }
}

export function removeOutput(graph: GraphName, name: string): Recipe {
  return {
    name: 'Remove output',
    change: (draft) => {
      const { outputs } = graphOf(draft, graph)
      if (outputs) delete outputs[name]
    },
  }
}

/** The declared input that feeds a socket or param. */
export function inputOf(graph: Graph, { node, socket }: End): readonly [string, DeclaredInput] | undefined {
  for (const entry of Object.entries(graph.inputs ?? {})) {
    if (entry[1].to.some((target) => target.node === node && (target.param ?? target.socket) === socket)) return entry
  }
  return undefined
}

/** Takes a socket or param away from the declared input that feeds it. An input that feeds nothing any more goes. */
export function freeTarget(graph: Graph, { node, socket }: End): void {
  const found = inputOf(graph, { node, socket })
  if (!found) return
  const [name, input] = found
  if (input.to.length === 1) delete graph.inputs![name]
  else input.to = input.to.filter((target) => target.node !== node || (target.param ?? target.socket) !== socket)
}

/** Drops what inputs and outputs say of nodes that are gone. */
export function pruneInterface(graph: Graph, isGone: (node: string) => boolean): void {
  for (const [name, input] of Object.entries(graph.inputs ?? {})) {
    if (!input.to.some(({ node }) => isGone(node))) continue
    const kept = input.to.filter(({ node }) => !isGone(node))
    if (kept.length === 0) delete graph.inputs![name]
    else input.to = kept
  }
  for (const [name, { from }] of Object.entries(graph.outputs ?? {})) if (isGone(from.node)) delete graph.outputs![name]
}

function withoutLinksTo(links: WorkflowLink[] | undefined, to: End): WorkflowLink[] | undefined {
  return links?.some((link) => sameEnd(link.to, to)) ? links.filter((link) => !sameEnd(link.to, to)) : links
}
