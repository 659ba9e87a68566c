/** `/object_info`: what ComfyUI's clients may know of the classes that we speak. */
import { type ClassDeclaration, defaultOf, type InputDeclaration, type ListName } from './classes/declaration.js'
import { comfyClasses } from './classes/index.js'
import type { ComfyObject } from './exact-json.js'

/** What there is to choose from where pictures are painted. */
export type ComfyLists = Readonly<Partial<Record<ListName, readonly string[]>>>

/** `["MODEL"]`, `["INT", {"min": 0}]`, or a list of words in the place of the type. */
export type InputInfo = readonly [type: string | readonly string[], options?: ComfyObject]

/** One class, in ComfyUI's form. */
export interface ClassInfo {
  readonly input: { readonly required: Record<string, InputInfo>; readonly optional?: Record<string, InputInfo> }
  readonly input_order: { readonly required: readonly string[]; readonly optional?: readonly string[] }
  readonly is_input_list: boolean
  readonly output: readonly string[]
  readonly output_is_list: readonly boolean[]
  readonly output_name: readonly string[]
  readonly name: string
  readonly display_name: string
  readonly description: string
  readonly python_module: string
  readonly category: string
  readonly output_node: boolean
}

export type ObjectInfo = Readonly<Record<string, ClassInfo>>

/** We paint with one sampler and one scheduler; other names are imported as these, with a line in the report. */
const ownLists: ComfyLists = { samplers: ['euler'], schedulers: ['simple'] }

/**
 * The answer to `/object_info`, with lists of files, samplers and schedulers filled in. The largest seed, 2^64 − 1, is a bigint:
 * print with `printComfy`, not with JSON.stringify.
 */
export function objectInfo(lists: ComfyLists = {}): ObjectInfo {
  const known = { ...ownLists, ...lists }
  return Object.fromEntries([...comfyClasses].map(([name, declared]) => [name, classInfo(name, declared, known)]))
}

function classInfo(name: string, declared: ClassDeclaration, lists: ComfyLists): ClassInfo {
  const { title, category, inputs, outputs, outputNode = false } = declared
  const part = (isOptional: boolean) =>
    Object.fromEntries(
      Object.entries(inputs)
        .filter(([, input]) => (input.optional ?? false) === isOptional)
        .map(([input, declaration]) => [input, inputInfo(declaration, lists)]),
    )
  const required = part(false)
  const optional = part(true)
  const hasOptional = Object.keys(optional).length > 0
  return {
    input: { required, ...(hasOptional && { optional }) },
    input_order: { required: Object.keys(required), ...(hasOptional && { optional: Object.keys(optional) }) },
    is_input_list: false,
    output: outputs.map(([, type]) => type),
    output_is_list: outputs.map(() => false),
    output_name: outputs.map(([output]) => output),
    name,
    display_name: title,
    description: '',
    python_module: 'nodes',
    category,
    output_node: outputNode,
  }
}

function inputInfo(declared: InputDeclaration, lists: ComfyLists): InputInfo {
  const { type, list, choices, hasNone, options } = declared
  const words = list ? [...(hasNone ? ['None'] : []), ...(lists[list] ?? [])] : choices
  const byDefault = choices && defaultOf(declared)
  const all: ComfyObject = { ...(byDefault !== undefined && { default: byDefault }), ...options }
  return Object.keys(all).length > 0 ? [words ?? type, all] : [words ?? type]
}
