/** The shape of a workflow document, current schema version. Unknown fields are allowed everywhere and kept. */
import { z } from 'zod'
import type { JsonValue } from '../json.js'

/** The schema version this program writes. */
export const schemaVersion = 2

const jsonValue = z.custom<JsonValue>(() => true)
const text = z.string()
const position = z.number()

/** Members by name, whatever the names. A record alone passes over a member called `__proto__` without a look at it. */
function table<S extends z.ZodType>(member: S) {
  const unlucky = z.unknown().superRefine((value, context) => {
    const own = Object.getOwnPropertyDescriptor(Object(value), '__proto__')
    const { error } = own ? member.safeParse(own.value, { reportInput: true }) : {}
    for (const issue of error?.issues ?? []) {
      const found = { ...issue, path: ['__proto__', ...issue.path] }
      context.addIssue(found as z.core.$ZodRawIssue) // which differs from an issue in what may be absent
    }
  })
  return unlucky.pipe(z.record(text, member))
}

const nodeSocket = z.looseObject({ node: text, socket: text })

/** Where a declared input goes: a param or an input socket. */
const inputTarget = z
  .looseObject({ node: text, param: text.optional(), socket: text.optional() })
  .refine((target) => (target.param === undefined) !== (target.socket === undefined), {
    message: 'expected either "param" or "socket"',
  })

const declaredInput = z.looseObject({
  /** A socket type name, or `list<name>`. */
  type: text,
  to: z.array(inputTarget),
  default: jsonValue.optional(),
  title: text.optional(),
  description: text.optional(),
})

const declaredOutput = z.looseObject({
  type: text,
  from: nodeSocket,
  title: text.optional(),
  description: text.optional(),
})

const nodeUi = z.looseObject({
  x: position.optional(),
  y: position.optional(),
  w: position.optional(),
  h: position.optional(),
  color: text.optional(),
  collapsed: z.boolean().optional(),
})

const node = z.looseObject({
  /** `area/name`, or `component/<name>`. */
  type: text,
  /** Version of the node type that wrote the params; absent: the current one. */
  version: z.int().min(1).optional(),
  params: z.record(text, jsonValue).optional(),
  title: text.optional(),
  mode: z.enum(['mute', 'bypass']).optional(),
  ui: nodeUi.optional(),
})

const link = z.looseObject({
  from: nodeSocket,
  /** `socket` may also name a param. */
  to: nodeSocket,
  /** Position among the links of a many-socket; ties keep document order. */
  order: z.number().optional(),
})

const group = z.looseObject({
  title: text.optional(),
  x: position,
  y: position,
  w: position,
  h: position,
  color: text.optional(),
})

const note = z.looseObject({
  text: text,
  x: position,
  y: position,
  w: position.optional(),
  h: position.optional(),
  color: text.optional(),
})

const graphFields = {
  description: text.optional(),
  inputs: table(declaredInput).optional(),
  outputs: table(declaredOutput).optional(),
  nodes: table(node),
  links: z.array(link).optional(),
  groups: z.array(group).optional(),
  notes: z.array(note).optional(),
}

/** A subgraph usable as node type `component/<name>`; its declared inputs and outputs are its sockets. */
export const componentSchema = z.looseObject({ title: text.optional(), ...graphFields })

export const workflowSchema = z.looseObject({
  dreamgraph: z.literal(schemaVersion),
  name: text.optional(),
  ...graphFields,
  components: table(componentSchema).optional(),
})

export type Workflow = z.infer<typeof workflowSchema>
export type Component = z.infer<typeof componentSchema>
export type WorkflowNode = z.infer<typeof node>
export type WorkflowLink = z.infer<typeof link>
export type DeclaredInput = z.infer<typeof declaredInput>
export type DeclaredOutput = z.infer<typeof declaredOutput>
export type InputTarget = z.infer<typeof inputTarget>

/** The fields this version knows, for warnings about the others. */
export const knownFields = {
  workflow: new Set(Object.keys(workflowSchema.shape)),
  component: new Set(Object.keys(componentSchema.shape)),
  node: new Set(Object.keys(node.shape)),
  link: new Set(Object.keys(link.shape)),
} as const
