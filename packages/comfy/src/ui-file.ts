/**
 * Workflow files as the browser saves them (litegraph): versions 0.4, whose links are arrays, and 1.0, whose links are objects.
 * Real files mix both, since subgraphs are always written in the new form; so each link is read as it is.
 */
import { isJsonObject } from '@dreamgraph/graph'
import { z } from 'zod'
import { ComfyError, type ComfyProblem, fail, pointer } from './errors.js'
import type { ComfyJson, ComfyObject } from './exact-json.js'
import { maxNodes } from './prompt.js'
import { readPart } from './shape.js'
import { isSecretWidget } from './widgets.js'

/** What litegraph's modes mean; 1 and 3 wait for events that ComfyUI never sends, and run as 0 does. */
export const modes = { mute: 2, bypass: 4 } as const

const nodeId = z.union([z.int(), z.string()], 'expected an integer or a string').transform(String)
const slot = z
  .union([z.int(), z.string().regex(/^\d+$/).transform(Number)], 'expected an integer')
  .refine((index) => index >= 0, 'expected an integer of at least 0')
const typeName = z
  .union([z.string(), z.array(z.unknown()), z.number()])
  .transform(String)
  .catch('*')
const pair = (value: unknown): [number, number] | undefined => {
  const [x, y] = isJsonObject(value) || Array.isArray(value) ? [Reflect.get(value, 0), Reflect.get(value, 1)] : []
  return typeof x === 'number' && typeof y === 'number' ? [x, y] : undefined
}
const point = z.unknown().transform(pair).optional()
const widgetRef = z.looseObject({ name: z.string() }).optional().catch(undefined)

const linkSchema = z.union(
  [
    z
      .tuple([z.int(), nodeId, slot, nodeId, slot], z.unknown())
      .transform(([id, from, output, to, input]) => ({ id, from, output, to, input })),
    z
      .looseObject({ id: z.int(), origin_id: nodeId, origin_slot: slot, target_id: nodeId, target_slot: slot })
      .transform(({ id, origin_id, origin_slot, target_id, target_slot }) => {
        return { id, from: origin_id, output: origin_slot, to: target_id, input: target_slot }
      }),
  ],
  'expected [id, from, output, to, input, type] or {id, origin_id, origin_slot, target_id, target_slot}',
)

const inputSchema = z.looseObject({
  name: z.string(),
  type: typeName,
  link: z.int().nullish(),
  widget: widgetRef,
})

const nodeSchema = z.looseObject({
  id: nodeId,
  type: z.string(),
  title: z.string().optional().catch(undefined),
  pos: point,
  mode: z.int().default(0),
  inputs: z.array(inputSchema).default([]),
  outputs: z.array(z.looseObject({ name: z.string().catch(''), type: typeName })).default([]),
  widgets_values: z
    .custom<ComfyJson[] | ComfyObject>(
      (value) => Array.isArray(value) || isJsonObject(value),
      'expected list or object',
    )
    .nullish(),
  widgets_values_named: z.custom<ComfyObject>(isJsonObject).optional().catch(undefined),
  properties: z.custom<ComfyObject>(isJsonObject).optional().catch(undefined),
})

const groupSchema = z.looseObject({
  title: z.string().catch('Group'),
  bounding: z.array(z.number()).length(4),
  color: z.string().optional().catch(undefined),
})

const slotName = z.looseObject({ name: z.string() })
const endNode = z.looseObject({ id: nodeId })

const graphFields = { nodes: z.array(nodeSchema), links: z.array(linkSchema.nullable()).nullish() }

const subgraphSchema = z.looseObject({
  id: z.string(),
  name: z.string().catch('Subgraph'),
  inputNode: endNode,
  outputNode: endNode,
  inputs: z.array(slotName).nullish(),
  outputs: z.array(slotName).nullish(),
  ...graphFields,
})

const fileSchema = z.looseObject({
  version: z.number().optional().catch(undefined),
  groups: z.array(groupSchema).nullish().catch([]),
  definitions: z.looseObject({ subgraphs: z.array(subgraphSchema).nullish() }).nullish(),
  ...graphFields,
})

export type UiNode = z.output<typeof nodeSchema>
export type UiLink = z.output<typeof linkSchema>
export type UiGroup = z.output<typeof groupSchema>

export interface UiGraph {
  readonly nodes: ReadonlyMap<string, UiNode>
  readonly links: ReadonlyMap<number, UiLink>
}

export interface UiSubgraph extends UiGraph {
  readonly name: string
  /** Ids that stand for the outside in links: −10 and −20 in all known files. */
  readonly inputNode: string
  readonly outputNode: string
  readonly inputs: readonly string[]
}

export interface ComfyUiFile extends UiGraph {
  readonly groups: readonly UiGroup[]
  readonly subgraphs: ReadonlyMap<string, UiSubgraph>
}

/** Checks a workflow file that stands at `path`. Throws ComfyError with all that is wrong. */
export function readUiFile(value: ComfyObject, path = ''): ComfyUiFile {
  const { value: file, problems } = readPart(fileSchema, value, path)
  const [first, ...rest] = problems
  if (!file) throw new ComfyError([first!, ...rest])
  const subgraphs = file.definitions?.subgraphs ?? []
  const count = [file, ...subgraphs].reduce((sum, { nodes }) => sum + nodes.length, 0)
  if (count > maxNodes) fail('comfy/too-large', `${path}/nodes`, `at most ${maxNodes} nodes`, count)
  const twice = [
    ...repeated(file.nodes, `${path}/nodes`),
    ...subgraphs.flatMap(({ nodes }, index) => {
      return repeated(nodes, path + pointer('definitions', 'subgraphs', index, 'nodes'))
    }),
  ]
  if (twice[0]) throw new ComfyError([twice[0], ...twice.slice(1)])
  return {
    ...graphOf(file),
    groups: file.groups ?? [],
    subgraphs: new Map(
      subgraphs.map((subgraph) => [
        subgraph.id,
        {
          ...graphOf(subgraph),
          name: subgraph.name,
          inputNode: subgraph.inputNode.id,
          outputNode: subgraph.outputNode.id,
          inputs: (subgraph.inputs ?? []).map(({ name }) => name),
        },
      ]),
    ),
  }
}

function graphOf({ nodes, links }: z.output<typeof subgraphSchema> | z.output<typeof fileSchema>): UiGraph {
  return {
    nodes: new Map(nodes.map((node) => [node.id, withoutSecretWidgets(node)])),
    links: new Map((links ?? []).flatMap((link) => (link ? [[link.id, link]] : []))),
  }
}

/** Two nodes of one id: no link could say which it means. */
function repeated(nodes: readonly UiNode[], path: string): ComfyProblem[] {
  const seen = new Set<string>()
  return nodes.flatMap(({ id }, index) => {
    if (!seen.has(id)) {
      seen.add(id)
      return []
    }
    const where = `${path}${pointer(index, 'id')}`
    return [{ code: 'comfy/shape', path: where, message: `ComfyUI file ${where}: expected ids once, got ${id} again` }]
  })
}

/** Secrets that stand in a widget without a name. */
function withoutSecretWidgets(node: UiNode): UiNode {
  const { type, widgets_values } = node
  if (!Array.isArray(widgets_values)) return node
  const values = widgets_values.map((value, at) => {
    return typeof value === 'string' && isSecretWidget(type, at) ? '' : value
  })
  return { ...node, widgets_values: values }
}
