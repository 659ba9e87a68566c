/** The API prompt: what `POST /prompt` takes and what "Export (API)" saves. Nodes by id, inputs by name. */
import { isJsonObject } from '@dreamgraph/graph'
import { z } from 'zod'
import { isPath } from './classes/declaration.js'
import { comfyClasses } from './classes/index.js'
import { ComfyError, type ComfyProblem, fail, pointer } from './errors.js'
import type { ComfyJson } from './exact-json.js'
import { withoutSecret } from './secrets.js'
import { readPart } from './shape.js'

/** A literal, or `[node id, output]`, or `{"__value__": […]}` for a literal list. */
export type ComfyInput = ComfyJson

export interface ComfyNode {
  readonly class_type: string
  readonly inputs: Readonly<Record<string, ComfyInput>>
  readonly _meta?: { readonly title?: string }
}

export type ComfyPrompt = Readonly<Record<string, ComfyNode>>

/** Where a linked input comes from. */
export interface ComfySource {
  readonly node: string
  readonly output: number
}

/** Nodes in a file; ComfyUI itself becomes slow at a few hundred. */
export const maxNodes = 10_000

const nodeSchema = z.looseObject({
  class_type: z.string(),
  inputs: z.custom<Record<string, ComfyJson>>(isJsonObject, 'expected object').default({}),
  _meta: z
    .looseObject({ title: z.string().optional().catch(undefined) })
    .optional()
    .catch(undefined),
})

/** Checks a prompt that stands at `path`. Throws ComfyError with all that is wrong. */
export function readPrompt(value: Readonly<Record<string, ComfyJson>>, path = ''): ComfyPrompt {
  const entries = Object.entries(value)
  if (entries.length > maxNodes) fail('comfy/too-large', path, `at most ${maxNodes} nodes`, entries.length)
  const problems: ComfyProblem[] = []
  const nodes = entries.flatMap(([id, entry]) => {
    const part = readPart(nodeSchema, entry, path + pointer(id))
    problems.push(...part.problems)
    if (!part.value) return []
    const { class_type, inputs, _meta } = part.value
    const title = _meta?.title
    return [
      [id, { class_type, inputs: tidyInputs(class_type, inputs), ...(title !== undefined && { _meta: { title } }) }],
    ]
  })
  const [first, ...rest] = problems
  if (first) throw new ComfyError([first, ...rest])
  return Object.fromEntries(nodes)
}

/** Paths with `/`, as every system reads them, and no secrets. */
export function tidyInputs(classType: string, inputs: Readonly<Record<string, ComfyJson>>): Record<string, ComfyJson> {
  const declared = comfyClasses.get(classType)?.inputs ?? {}
  return Object.fromEntries(
    Object.entries(inputs).map(([name, value]) => {
      const isFile = Object.hasOwn(declared, name) && isPath(name, declared[name]!)
      const path = isFile && typeof value === 'string' ? value.replaceAll('\\', '/') : value
      return [name, withoutSecret(name, path)]
    }),
  )
}

/** The source of a linked input; undefined for literals. */
export function sourceOf(value: ComfyInput | undefined): ComfySource | undefined {
  if (!Array.isArray(value) || value.length !== 2) return undefined
  const [node, output] = value
  if (typeof node !== 'string' && typeof node !== 'number') return undefined
  return Number.isSafeInteger(output) ? { node: String(node), output: output as number } : undefined
}

/** The literal of an input, lists unwrapped; undefined for links. */
export function literalOf(value: ComfyInput | undefined): ComfyJson | undefined {
  if (Array.isArray(value)) return undefined
  const wrapped = isJsonObject(value) && Object.hasOwn(value, '__value__')
  return wrapped ? (value as Record<string, ComfyJson>).__value__ : value
}
