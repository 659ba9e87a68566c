/** Workflow documents in a few lines, for tests. */
import { type JsonValue, type LoadedWorkflow, parseWorkflow } from '@dreamgraph/graph'

export interface FlowSpec {
  readonly name?: string
  /** Id → type and params. */
  readonly nodes: Readonly<Record<string, readonly [type: string, params?: Readonly<Record<string, JsonValue>>]>>
  /** `node.socket > node.socket`; the order counts for sockets that take many. */
  readonly links?: readonly string[]
  /** Declared input → type and the param it goes to, `node.param`. */
  readonly inputs?: Readonly<Record<string, readonly [type: string, to: string]>>
}

/** A document as a file holds it, parsed. */
export function flow({ name = 'flow', nodes, links = [], inputs = {} }: FlowSpec): LoadedWorkflow {
  const document = {
    dreamgraph: 2,
    name,
    inputs: mapValues(inputs, ([type, to]) => ({ type, to: [paramTarget(to)] })),
    nodes: mapValues(nodes, ([type, params = {}]) => ({ type, params })),
    links: links.map((link, order) => {
      const [from, to] = link.split(' > ')
      return { from: socketOf(from!), to: socketOf(to!), order }
    }),
  }
  return parseWorkflow(JSON.stringify(document))
}

const socketOf = (place: string): { node: string; socket: string } => {
  const [node, socket] = place.split('.')
  return { node: node!, socket: socket! }
}

const paramTarget = (place: string): { node: string; param: string } => {
  const [node, param] = place.split('.')
  return { node: node!, param: param! }
}

const mapValues = <V, W>(record: Readonly<Record<string, V>>, change: (value: V) => W): Record<string, W> =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]))
