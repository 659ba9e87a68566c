/** From a workflow file to the API prompt, as the browser makes it when a flow is queued. */
import { comfyClasses } from './classes/index.js'
import type { ComfyJson } from './exact-json.js'
import { type ComfyNode, type ComfyPrompt, tidyInputs } from './prompt.js'
import { type PlacedNode, promotedFields, type Scopes, unfold, virtualTypes } from './subgraphs.js'
import { type ComfyUiFile, modes } from './ui-file.js'
import { nameWidgets } from './widgets.js'

/** What a file holds beyond the prompt: what was not quite as expected, and what exists in the browser only. */
export interface UiRemark {
  readonly node: string
  readonly class: string
  readonly kind: 'mapped' | 'guessed'
  readonly what: string
  readonly why: string
}

/**
 * The API prompt of a workflow file: muted nodes are gone, bypassed ones and reroutes passed through, subgraphs unfolded (their
 * nodes are called `57:3`), primitives written into the inputs that they feed. Fields of classes that we do not know get names
 * only where the file has them. Throws comfy/recursive-subgraph, comfy/too-large.
 */
export function toPrompt(file: ComfyUiFile): ComfyPrompt {
  return promptOf(file).prompt
}

/** The prompt with remarks. */
export function promptOf(file: ComfyUiFile): { readonly prompt: ComfyPrompt; readonly remarks: readonly UiRemark[] } {
  const { nodes, scopes } = unfold(file)
  const entries: [string, ComfyNode][] = []
  const remarks: UiRemark[] = []
  for (const placed of nodes) {
    const remark = remarkOnAbsent(placed, scopes)
    if (remark) remarks.push(remark)
    else entries.push([placed.id, promptNode(placed, scopes, remarks)])
  }
  return { prompt: withoutCutLinks(Object.fromEntries(entries)), remarks }
}

function promptNode(placed: PlacedNode, scopes: Scopes, remarks: UiRemark[]): ComfyNode {
  const { id, node, scope } = placed
  const { inputs: fields, doubts, control } = nameWidgets(node)
  const inputs = new Map<string, ComfyJson>(
    Object.entries({ ...fields, ...promotedFields(placed) }).map(([name, value]) => [
      name,
      Array.isArray(value) ? { __value__: value } : value,
    ]),
  )
  const remark = (why: string) => remarks.push({ node: id, class: node.type, kind: 'guessed', what: 'its fields', why })
  for (const doubt of doubts) remark(doubt)
  if (control !== undefined && control !== 'fixed') {
    remark(`ComfyUI changes the seed after each run (${control}); here it stays, --input seed=random draws one`)
  }
  for (const input of node.inputs) {
    if (typeof input.link !== 'number') continue
    const feed = scopes.feedOf(scope, input.link)
    if (!feed) continue
    inputs.set(input.name, 'value' in feed ? feed.value : [feed.node, feed.output])
  }
  const title = node.title ?? comfyClasses.get(node.type)?.title ?? node.type
  return { class_type: node.type, inputs: tidyInputs(node.type, Object.fromEntries(inputs)), _meta: { title } }
}

/** What becomes of a node that is in no prompt; undefined for one that is. */
function remarkOnAbsent({ id, node, isSilent }: PlacedNode, scopes: Scopes): UiRemark | undefined {
  const say = (what: string, why: string): UiRemark => ({ node: id, class: node.type, kind: 'mapped', what, why })
  if (node.type === 'Note' || node.type === 'MarkdownNote') return say('note', '')
  if (node.mode === modes.mute) return say('nothing', 'it is muted, so what needs it does not run either')
  if (node.mode === modes.bypass) return say('link', 'it is bypassed')
  if (isSilent) return say('nothing', 'it stands in a subgraph that does not run')
  if (node.type === 'Reroute') return say('link', '')
  if (virtualTypes.has(node.type)) return say('value', 'written into the inputs that it feeds')
  return scopes.inner.has(id) ? say('nodes', 'the subgraph is unfolded') : undefined
}

/** Inputs that hang on what does not run are not linked, as if the link were not there. */
function withoutCutLinks(prompt: Record<string, ComfyNode>): ComfyPrompt {
  const isCut = (value: ComfyJson) => Array.isArray(value) && !Object.hasOwn(prompt, String(value[0]))
  return Object.fromEntries(
    Object.entries(prompt).map(([id, node]) => {
      const inputs = Object.entries(node.inputs).filter(([, value]) => !isCut(value))
      return [id, { ...node, inputs: Object.fromEntries(inputs) }]
    }),
  )
}
