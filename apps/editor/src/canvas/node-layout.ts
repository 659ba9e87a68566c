/**
 * Where everything of a node stands, in pixels from its upper left corner. Sizes follow from the face alone, never from
 * the DOM: so links, culling, hit tests and the far view need no node on the screen.
 */
import type { ParamDescription, PortDescription, WorkflowNode } from '@dreamgraph/graph'
import type { Face } from '../catalogue/face.js'

export const metrics = {
  width: 240,
  minWidth: 180,
  header: 32,
  pad: 6,
  socketRow: 22,
  paramRow: 28,
  textRow: 92,
  picture: 168,
} as const

export type Row = { readonly y: number; readonly h: number } & (
  | { readonly kind: 'sockets'; readonly input?: PortDescription; readonly output?: PortDescription }
  | { readonly kind: 'param'; readonly param: ParamDescription }
  | { readonly kind: 'picture' }
)

export interface NodeLayout {
  readonly w: number
  readonly h: number
  readonly rows: readonly Row[]
  /** Height of each socket or param over the top edge, by name. */
  readonly inputs: ReadonlyMap<string, number>
  readonly outputs: ReadonlyMap<string, number>
}

export function layoutNode(face: Face, node: WorkflowNode, hasPicture: boolean): NodeLayout {
  const w = Math.max(node.ui?.w ?? metrics.width, metrics.minWidth)
  const inputs = new Map<string, number>()
  const outputs = new Map<string, number>()
  if (node.ui?.collapsed) {
    const middle = metrics.header / 2
    for (const { name } of [...face.inputs, ...face.params]) inputs.set(name, middle)
    for (const { name } of face.outputs) outputs.set(name, middle)
    return { w, h: metrics.header, rows: [], inputs, outputs }
  }
  const rows: Row[] = []
  let y = metrics.header + metrics.pad
  for (let index = 0; index < Math.max(face.inputs.length, face.outputs.length); index++) {
    const input = face.inputs[index]
    const output = face.outputs[index]
    const middle = y + metrics.socketRow / 2
    if (input) inputs.set(input.name, middle)
    if (output) outputs.set(output.name, middle)
    rows.push({ kind: 'sockets', input, output, y, h: metrics.socketRow })
    y += metrics.socketRow
  }
  const texts = face.params.filter(isMultiline).length
  const rest = paramsHeight(face) + metrics.pad + (hasPicture ? metrics.picture : 0)
  // A node made taller gives the room to its text fields, or else to its picture.
  const spare = Math.max(0, (node.ui?.h ?? 0) - y - rest)
  for (const param of face.params) {
    const isText = isMultiline(param)
    const h = isText ? metrics.textRow + spare / texts : metrics.paramRow
    inputs.set(param.name, y + metrics.paramRow / 2)
    rows.push({ kind: 'param', param, y, h })
    y += h
  }
  if (hasPicture) {
    const h = metrics.picture + (texts === 0 ? spare : 0)
    rows.push({ kind: 'picture', y, h })
    y += h
  }
  return { w, h: y + metrics.pad, rows, inputs, outputs }
}

export const isMultiline = (param: ParamDescription): boolean =>
  param.kind === 'json' || (param.kind === 'text' && param.options.multiline === true)

const paramsHeight = ({ params }: Face): number =>
  params.reduce((sum, param) => sum + (isMultiline(param) ? metrics.textRow : metrics.paramRow), 0)
