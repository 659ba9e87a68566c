// Short spelling of workflow documents: nodes as [type, params], links as "from.socket > to.socket".
import type { JsonObject, JsonValue } from '@dreamgraph/graph'

export type FlowNodes = Readonly<Record<string, readonly [type: string, params?: JsonObject]>>

/** The text of a workflow; `more` adds or replaces fields of the document. */
export function flow(
  nodes: FlowNodes,
  links: readonly string[] = [],
  more: Readonly<Record<string, JsonValue>> = {},
): string {
  return JSON.stringify({ dreamgraph: 2, ...graph(nodes, links), ...more })
}

/** Nodes and links alone, as a component has them. */
export function graph(nodes: FlowNodes, links: readonly string[] = []): JsonObject {
  const entries = Object.entries(nodes).map(([id, [type, params]]) => [id, params ? { type, params } : { type }])
  return { nodes: Object.fromEntries(entries), links: links.map(link) }
}

function link(text: string): JsonObject {
  const [from, to] = text.split(' > ').map((end) => {
    const [node, socket] = end.split('.')
    return { node: node!, socket: socket! }
  })
  return { from: from!, to: to! }
}

/** From a prompt to a saved picture of 32×32 in one step. */
export function textToPicture(model: string): string {
  return flow(pictureNodes(model), [
    'model.model > text.model',
    'text.text > pack.text',
    'model.model > sample.model',
    'pack.conditions > sample.conditions',
    'noise.latent > sample.noise',
    'model.model > decode.model',
    'sample.latent > decode.latent',
    'decode.image > save.image',
  ])
}

export const pictureNodes = (model: string): FlowNodes => ({
  model: ['model/load', { model }],
  text: ['dreamo/encode-text', { text: 'a cat', maxTokens: 8 }],
  pack: ['dreamo/pack-conditions'],
  noise: ['latent/noise', { width: 32, height: 32 }],
  sample: ['dreamo/sample', { steps: 1 }],
  decode: ['vae/decode'],
  save: ['image/save'],
})
