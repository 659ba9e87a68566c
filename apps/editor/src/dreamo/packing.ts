/**
 * How many tokens a picture and its references are, and where they stand. A token is 16 × 16 pixels; reference i starts
 * where the one before it ended, in rows and in columns (paper, section on position encoding), so all lie on a diagonal.
 */
import type { NodeCatalogue } from '../catalogue/catalogue.js'
import type { Graph } from '../document/graph.js'
import { nodesOfType, nodeTypes, promptOf, readParam, referencesOf, sourceOf } from './references.js'

export interface PackedBlock {
  /** 0: the picture; n: the reference in slot n. */
  readonly slot: number
  readonly rows: number
  readonly columns: number
  /** Row and column of its first token. */
  readonly offset: readonly [row: number, column: number]
  readonly tokens: number
  /** True where a link says its size: then this is the likeliest one. */
  readonly isGuess: boolean
}

export interface Packing {
  readonly blocks: readonly PackedBlock[]
  /** Undefined where a link says it. */
  readonly textTokens?: number
  readonly total: number
}

const pixelsPerToken = 16
const usualSide = 512
/** As FLUX.1-dev's prompts have, where a link says how many. */
export const usualTextTokens = 512

export function packingOf(graph: Graph, catalogue: NodeCatalogue): Packing | undefined {
  const [sampler] = nodesOfType(graph, nodeTypes.sampler)
  const noise = sampler === undefined ? undefined : sourceOf(graph, { node: sampler, socket: 'noise' })?.node
  if (noise === undefined) return undefined
  const side = (name: string): number => Number(readParam(graph, catalogue, noise, name) ?? 1024)
  const [width, height] = [side('width'), side('height')]
  const inTokens = (pixels: number): number => Math.max(1, Math.round(pixels / pixelsPerToken))
  const blocks: PackedBlock[] = []
  let at: readonly [number, number] = [0, 0]
  const add = (slot: number, rows: number, columns: number, isGuess: boolean): void => {
    blocks.push({ slot, rows, columns, offset: at, tokens: rows * columns, isGuess })
    at = [at[0] + rows, at[1] + columns]
  }
  add(0, inTokens(height), inTokens(width), false)
  const packer = sampler && sourceOf(graph, { node: sampler, socket: 'conditions' })?.node
  for (const { slot, resolution, packer: owner } of referencesOf(graph, catalogue)) {
    if (packer !== undefined && owner !== packer) continue
    const pixels = resolution ?? Math.min(usualSide, width, height)
    add(slot, inTokens(pixels), inTokens(pixels), resolution === undefined)
  }
  const prompt = promptOf(graph, catalogue, packer)
  const textTokens = prompt && readParam(graph, catalogue, prompt.node, 'maxTokens')
  const total = blocks.reduce((sum, { tokens }) => sum + tokens, 0) + (typeof textTokens === 'number' ? textTokens : 0)
  return { blocks, total, ...(typeof textTokens === 'number' && { textTokens }) }
}
