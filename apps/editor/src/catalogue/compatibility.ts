/** Which links are allowed, why others are not, and which node would make them so. The server's checker has the last word. */
import type { NodeDescription } from '@dreamgraph/graph'
import { type Goal, goalsOf, type NodeCatalogue, type SocketValue, typeName } from './catalogue.js'

export type Verdict =
  | { readonly fits: true /** What happens on the way, where that is worth saying. */; readonly note?: string }
  | { readonly fits: false; readonly reason: string; readonly converters: readonly Converter[] }

/** A node that takes the one and gives the other. */
export interface Converter {
  readonly node: NodeDescription
  readonly input: string
  readonly output: string
}

export function judge(catalogue: NodeCatalogue, from: SocketValue, to: SocketValue & { many?: boolean }): Verdict {
  const isSame = from.type === to.type
  if (!isSame && !accepts(catalogue, to.type, from.type)) {
    const give = titleOf(catalogue, from.type)
    const take = titleOf(catalogue, to.type)
    const reason = `This input takes ${take}, and the output gives ${give}.`
    return { fits: false, reason, converters: converters(catalogue, from, to) }
  }
  if (to.list && !to.many && !from.list) {
    const reason = `This input takes a list of ${titleOf(catalogue, to.type)}, and the output gives one.`
    return { fits: false, reason, converters: converters(catalogue, from, to) }
  }
  if (from.list && !to.list && !to.many) return { fits: true, note: 'runs once for each item of the list' }
  if (!isSame) return { fits: true, note: `${titleOf(catalogue, from.type)} becomes ${titleOf(catalogue, to.type)}` }
  return { fits: true }
}

export const fits = (catalogue: NodeCatalogue, from: SocketValue, to: SocketValue & { many?: boolean }): boolean =>
  (from.type === to.type || accepts(catalogue, to.type, from.type)) && !(to.list && !to.many && !from.list)

/** Inputs and params of a node that would take the value, inputs first, required ones before optional ones. */
export function fittingGoals(catalogue: NodeCatalogue, node: NodeDescription, from: SocketValue): Goal[] {
  const optional = new Set(node.inputs.filter((input) => input.optional).map(({ name }) => name))
  const found = goalsOf(node).filter((goal) => fits(catalogue, from, goal))
  return found.toSorted((a, b) => Number(optional.has(a.name)) - Number(optional.has(b.name)))
}

/** Outputs of a node that the goal would take. */
export function fittingOutputs(catalogue: NodeCatalogue, node: NodeDescription, to: Goal): string[] {
  return node.outputs.filter((output) => fits(catalogue, output, to)).map(({ name }) => name)
}

/** Nodes between two types: those with the fewest other inputs first, then those that are about the wanted type. */
function converters(catalogue: NodeCatalogue, from: SocketValue, to: SocketValue & { many?: boolean }): Converter[] {
  const found = catalogue.nodes.flatMap((node): Converter[] => {
    const input = node.inputs.find((port) => fits(catalogue, from, port))
    const output = node.outputs.find((port) => fits(catalogue, port, to))
    return input && output ? [{ node, input: input.name, output: output.name }] : []
  })
  const rank = ({ node }: Converter): number =>
    2 * node.inputs.filter((input) => !input.optional).length - (node.category === to.type ? 1 : 0)
  return found.toSorted((a, b) => rank(a) - rank(b)).slice(0, 4)
}

function accepts(catalogue: NodeCatalogue, type: string, from: string): boolean {
  return catalogue.socketType(type)?.acceptsFrom.includes(from) ?? false
}

const titleOf = (catalogue: NodeCatalogue, type: string): string =>
  `“${catalogue.socketType(type)?.title ?? typeName({ type, list: false })}”`
