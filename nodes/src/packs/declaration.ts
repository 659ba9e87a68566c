// What a pack says its nodes are. Everything in it comes from a stranger and is checked here, once.
import { type Param, type ParamKind, p, type ResourceClass, seedType } from '@dreamgraph/graph'
import { z } from 'zod'
import { NodesError } from '../errors.js'
import { crossings } from './crossing.js'

const word = z.string().regex(/^[a-zA-Z][a-zA-Z0-9]*$/, 'expected letters and digits, first a letter')
const title = z.string().max(100).optional()
const description = z.string().max(2000).optional()
const socketTypeName = z.enum([...crossings.keys()])

const output = z.strictObject({ type: socketTypeName, title, description, list: z.boolean().optional() })
const input = output.extend({ optional: z.boolean().optional(), many: z.boolean().optional() })

const texts = { title, description }
const seedText = z.union([z.string(), z.int()]).transform((value, context) => {
  const seed = seedType.parse!(value)
  if (seed === undefined) context.addIssue('expected a seed from 0 to 2^64 - 1')
  return seed ?? 0n
})
const numberOf = (number: z.ZodType<number>) => ({
  ...texts,
  default: number.optional(),
  min: number.optional(),
  max: number.optional(),
  step: number.optional(),
})
/** `file` is not among them: a pack opens no files but its own. */
const paramSchemas = {
  int: z.strictObject({ kind: z.literal('int'), ...numberOf(z.int()) }),
  float: z.strictObject({ kind: z.literal('float'), ...numberOf(z.number()) }),
  text: z.strictObject({
    kind: z.literal('text'),
    ...texts,
    default: z.string().optional(),
    multiline: z.boolean().optional(),
    placeholder: z.string().max(200).optional(),
    maxLength: z.int().min(1).optional(),
  }),
  boolean: z.strictObject({ kind: z.literal('boolean'), ...texts, default: z.boolean().optional() }),
  choice: z.strictObject({
    kind: z.literal('choice'),
    ...texts,
    choices: z.tuple([z.string()], z.string()),
    default: z.string().optional(),
  }),
  seed: z.strictObject({ kind: z.literal('seed'), ...texts, default: seedText.optional() }),
  json: z.strictObject({ kind: z.literal('json'), ...texts, default: z.json().optional() }),
} satisfies Partial<Record<ParamKind, z.ZodType>>
type AnyParam = (typeof paramSchemas)[keyof typeof paramSchemas]
const param = z.discriminatedUnion('kind', Object.values(paramSchemas) as [AnyParam]).transform(makeParam)

const nodeSchema = z.strictObject({
  type: z.string(),
  version: z.int().min(1),
  title: z.string().min(1).max(100),
  description: description.default(''),
  inputs: z.record(word, input).default({}),
  params: z.record(word, param).default({}),
  outputs: z.record(word, output).refine((outputs) => Object.keys(outputs).length > 0, 'expected an output'),
  resource: z.enum(['cpu', 'gpu', 'io'] satisfies ResourceClass[]).default('cpu'),
  run: z.literal('function'),
})

export type NodeDeclaration = z.output<typeof nodeSchema>

const maxNodes = 200

/** The declarations of pack `pack`. Throws nodes/pack-invalid, which names each node and field that is wrong. */
export function readDeclarations(pack: string, declared: unknown): NodeDeclaration[] {
  if (!Array.isArray(declared) || declared.length === 0 || declared.length > maxNodes) {
    throw invalid([`pack ${pack}, default export: expected an array of 1 to ${maxNodes} node declarations`])
  }
  const faults: string[] = []
  const nodes = declared.flatMap((raw: { type?: unknown } | null, index) => {
    const where = `pack ${pack}, node ${typeof raw?.type === 'string' ? raw.type : index + 1}`
    const { data, error } = nodeSchema.safeParse(raw)
    for (const { path, message } of error?.issues ?? [])
      faults.push(`${where}, ${path.join('.') || 'itself'}: ${message}`)
    for (const fault of data ? nameFaults(pack, data) : []) faults.push(`${where}, ${fault}`)
    return data ?? []
  })
  const types = nodes.map(({ type }) => type)
  for (const type of new Set(types.filter((type, i) => types.indexOf(type) !== i))) {
    faults.push(`pack ${pack}, node ${type}, type: expected a name of its own, got one twice`)
  }
  if (faults.length > 0) throw invalid(faults)
  return nodes
}

/** What hangs on more than one field. */
function nameFaults(pack: string, { type, inputs, params }: NodeDeclaration): string[] {
  const isOwn = type.startsWith(`${pack}/`) && /^[a-z0-9-]+$/.test(type.slice(pack.length + 1))
  const both = Object.keys(params).filter((name) => Object.hasOwn(inputs, name))
  return [
    ...(isOwn ? [] : [`type: expected ${pack}/name in small letters, digits and dashes`]),
    ...both.map((name) => `params.${name}: expected a name that no input has`),
  ]
}

function makeParam(declared: z.output<AnyParam>, context: z.RefinementCtx): Param<unknown> {
  try {
    if (declared.kind === 'choice') {
      const { kind: _, choices, ...options } = declared
      return p.choice(choices, options)
    }
    const { kind, ...options } = declared
    return (p[kind] as (options: object) => Param<unknown>)(options)
  } catch (error) {
    context.addIssue((error as Error).message.replace('internal: ', '')) // a default outside of its own range
    return z.NEVER
  }
}

const invalid = (faults: readonly string[]): NodesError => new NodesError('nodes/pack-invalid', faults.join('\n'))
