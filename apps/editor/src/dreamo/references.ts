/** The references of a graph: which nodes encode them, in which slot, from which picture, and which prompt they go with. */
import type { JsonValue } from '@dreamgraph/graph'
import type { NodeCatalogue } from '../catalogue/catalogue.js'
import { type End, type Graph, sameEnd } from '../document/graph.js'
import { paramValue } from '../document/param-value.js'

export interface Reference {
  /** The node that encodes it. */
  readonly node: string
  readonly slot: number
  readonly task: string
  /** Pixels of its side; undefined where a link says it. */
  readonly resolution?: number
  /** The node that its picture comes from. */
  readonly picture?: string
  /** Packer that takes it; undefined: nothing does. */
  readonly packer?: string
}

export const nodeTypes = {
  text: 'dreamo/encode-text',
  reference: 'dreamo/encode-reference',
  packer: 'dreamo/pack-conditions',
  sampler: 'dreamo/sample',
  noise: 'latent/noise',
  load: 'image/load',
  model: 'model/load',
  preset: 'model/preset',
} as const

/** By slot. */
export function referencesOf(graph: Graph, catalogue: NodeCatalogue): Reference[] {
  return nodesOfType(graph, nodeTypes.reference)
    .map((node): Reference => {
      const resolution = readParam(graph, catalogue, node, 'resolution')
      const picture = sourceOf(graph, { node, socket: 'image' })?.node
      const packer = graph.links?.find(({ from, to }) => from.node === node && isPacker(graph, to.node))?.to.node
      return {
        node,
        slot: Number(readParam(graph, catalogue, node, 'slot') ?? 1),
        task: String(readParam(graph, catalogue, node, 'task') ?? 'ip'),
        ...(typeof resolution === 'number' && { resolution }),
        ...(picture !== undefined && { picture }),
        ...(packer !== undefined && { packer }),
      }
    })
    .sort((a, b) => a.slot - b.slot)
}

/** What a prompt is for: its packer, and whether it says what to avoid. */
export function promptRole(graph: Graph, node: string): { readonly packer?: string; readonly isNegative: boolean } {
  const link = graph.links?.find(({ from, to }) => from.node === node && isPacker(graph, to.node))
  return { packer: link?.to.node, isNegative: link?.to.socket === 'negative' }
}

/** References that a prompt can name: those of its packer; all of them while it has none. */
export function referencesForPrompt(graph: Graph, catalogue: NodeCatalogue, node: string): Reference[] {
  const { packer } = promptRole(graph, node)
  const all = referencesOf(graph, catalogue)
  return packer === undefined ? all : all.filter((reference) => reference.packer === packer)
}

/** The node that encodes the prompt of a packer, and the text. */
export function promptOf(
  graph: Graph,
  catalogue: NodeCatalogue,
  packer: string | undefined,
): { readonly node: string; readonly text: string } | undefined {
  const linked = packer === undefined ? undefined : sourceOf(graph, { node: packer, socket: 'text' })?.node
  const node = linked ?? nodesOfType(graph, nodeTypes.text)[0]
  if (node === undefined || graph.nodes[node]?.type !== nodeTypes.text) return undefined
  return { node, text: String(readParam(graph, catalogue, node, 'text') ?? '') }
}

/** Name of the model that a node works with, up its links; undefined where it comes from elsewhere. */
export function modelOf(graph: Graph, catalogue: NodeCatalogue, node: string): string | undefined {
  let at: string | undefined = node
  for (let depth = 0; at !== undefined && depth < 50; depth++) {
    if (graph.nodes[at]?.type === nodeTypes.model) {
      const name = readParam(graph, catalogue, at, 'model')
      return typeof name === 'string' && name !== '' ? name : undefined
    }
    at = sourceOf(graph, { node: at, socket: 'model' })?.node
  }
  return undefined
}

export function readParam(graph: Graph, catalogue: NodeCatalogue, node: string, name: string): JsonValue | undefined {
  const param = catalogue.find(graph.nodes[node]?.type ?? '')?.params.find((other) => other.name === name)
  return param && paramValue(graph, node, param)
}

export const sourceOf = (graph: Graph, to: End): End | undefined =>
  graph.links?.find((link) => sameEnd(link.to, to))?.from

export const nodesOfType = (graph: Graph, type: string): string[] =>
  Object.keys(graph.nodes).filter((id) => graph.nodes[id]!.type === type)

const isPacker = (graph: Graph, node: string): boolean => graph.nodes[node]?.type === nodeTypes.packer

/** One colour a slot, the same in prompt, cards, packer and maps. */
export function slotColor(slot: number): string {
  const colors = ['#4db6ac', '#f2994a', '#8b7cf6', '#4ea1f3', '#e5605e', '#b8c24a', '#d26fc0', '#d6a541', '#7f93b5']
  return colors[(slot - 1 + colors.length) % colors.length]!
}
