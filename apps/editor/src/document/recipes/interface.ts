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

/** What people call a declared input or output, and what they are told of it; empty words go. */
export function setInterfaceWords(
  graph: GraphName,
  { list, name }: { readonly list: 'inputs' | 'outputs'; readonly name: string },
  words: { readonly title?: string; readonly description?: string },
): Recipe {
  return {
    name: `Describe ${name}`,
    mergeKey: `words/${graph}/${list}/${name}/${Object.keys(words).join()}`,
    change: (draft) => {
      const target = graphOf(draft, graph)[list]
      const declared = target && Object.hasOwn(target, name) ? target[name] : undefined
      if (!declared) return
      for (const [key, text] of Object.entries(words) as ['title' | 'description', string][]) {
        if (text === '') delete declared[key]
        else declared[key] = text
      }
    },
  }
}

/** What the workflow, or the component, is for. */
export function setDescription(graph: GraphName, text: string): Recipe {
  return {
    name: 'Describe the workflow',
    mergeKey: `description/${graph}`,
    change: (draft) => {
      const target = graphOf(draft, graph)
      if (text === '') delete target.description
      else target.description = text
    },
  }
}

/** Under which shell, HTTP and code name an input of the workflow. Its place among the others stays. */
export function renameInput(from: string, to: string): Recipe {
  return {
    name: `Call ${from} ${to}`,
    change: (draft) => {
      const { inputs } = draft
      if (!inputs || from === to || to === '' || !Object.hasOwn(inputs, from) || Object.hasOwn(inputs, to)) return
      draft.inputs = Object.fromEntries(
        Object.entries(inputs).map(([name, input]) => [name === from ? to : name, input]),
      )
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
