/** Where the value of a param comes from, and what it is, as the checker would read it. */
import type { JsonValue, ParamDescription, WorkflowLink } from '@dreamgraph/graph'
import { type Graph, sameEnd } from './graph.js'
import { inputOf } from './recipes/interface.js'

export type ParamSource =
  | { readonly kind: 'link'; readonly from: WorkflowLink['from'] }
  | { readonly kind: 'input'; readonly name: string; readonly value: JsonValue | undefined }
  | { readonly kind: 'own'; readonly value: JsonValue | undefined; readonly isDefault: boolean }

/** `incoming`: the links into the node, where the caller has them at hand. */
export function paramSource(
  graph: Graph,
  node: string,
  param: ParamDescription,
  incoming: readonly WorkflowLink[] = graph.links ?? [],
): ParamSource {
  const end = { node, socket: param.name }
  const link = incoming.find(({ to }) => sameEnd(to, end))
  if (link) return { kind: 'link', from: link.from }
  const own = graph.nodes[node]?.params?.[param.name]
  const input = inputOf(graph, end)
  if (input) return { kind: 'input', name: input[0], value: input[1].default ?? own ?? param.default }
  return { kind: 'own', value: own ?? param.default, isDefault: own === undefined }
}

/** The value as it will be used; undefined when a link drives it or nobody gave one. */
export function paramValue(graph: Graph, node: string, param: ParamDescription): JsonValue | undefined {
  const source = paramSource(graph, node, param)
  return source.kind === 'link' ? undefined : source.value
}
