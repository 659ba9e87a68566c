/** ComfyUI's validation of a prompt, with the bodies that its clients know. */
import { isJsonObject } from '@dreamgraph/graph'
import type { ComfyObject } from './exact-json.js'
import type { ObjectInfo } from './object-info.js'
import { plainJson } from './plain-json.js'
import { sourceOf } from './prompt.js'
import { type ComfyFault, type InputRules, inputFaults, type PromptEntry } from './validate-inputs.js'

export interface NodeFaults {
  readonly errors: readonly ComfyFault[]
  readonly dependent_outputs: readonly string[]
  readonly class_type: string
}

/** The body of a 400; a 200 carries `node_errors` too, of the outputs that are left out. */
export interface PromptFaults {
  readonly error: ComfyFault
  readonly node_errors: Readonly<Record<string, NodeFaults>>
}

export type PromptVerdict =
  | { readonly ok: true; readonly outputs: readonly string[]; readonly node_errors: PromptFaults['node_errors'] }
  | ({ readonly ok: false } & PromptFaults)

export interface ValidateOptions {
  /** `partial_execution_targets`: the outputs that are wanted, all if absent. */
  readonly targets?: readonly string[]
  readonly hasPicture?: InputRules['hasPicture']
}

/**
 * Validates a prompt as `POST /prompt` does: it runs if one of its outputs is right, and those that are not are left out.
 * Anything may be given, also undefined. Throws only comfy/too-large.
 */
export function validatePrompt(prompt: unknown, info: ObjectInfo, options: ValidateOptions = {}): PromptVerdict {
  const json = prompt === undefined ? undefined : plainJson(prompt)
  if (!isJsonObject(json)) return refused(noPrompt)
  const entries = new Map<string, PromptEntry>()
  for (const [id, node] of Object.entries(json as ComfyObject)) {
    const entry = entryOf(node, info)
    if (!entry) return refused(missingType(id, node))
    entries.set(id, entry)
  }
  const outputs = [...entries]
    .filter(([id, { class_type }]) => info[class_type]!.output_node && (options.targets?.includes(id) ?? true))
    .map(([id]) => id)
  if (outputs.length === 0) return refused(fault('prompt_no_outputs', 'Prompt has no outputs', ''))
  return judge(entries, outputs, { prompt: entries, info, hasPicture: options.hasPicture })
}

/** The fault of a `prompt_id` that is no UUID in lower case; undefined where it is one, or absent. */
export function promptIdFault(id: unknown): ComfyFault | undefined {
  if (id === undefined || id === null) return undefined
  if (typeof id === 'string' && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id)) return undefined
  const details = 'expected a UUID in lower case with hyphens; without a prompt_id the server makes one'
  return fault('invalid_prompt_id', 'prompt_id must be a valid UUID', details)
}

function judge(
  entries: ReadonlyMap<string, PromptEntry>,
  outputs: readonly string[],
  rules: InputRules,
): PromptVerdict {
  const faults = new Map<string, readonly ComfyFault[]>()
  const faultsOf = (id: string): readonly ComfyFault[] => {
    const known = faults.get(id) ?? inputFaults(entries.get(id)!, rules)
    faults.set(id, known)
    return known
  }
  const sources = new Map([...entries].map(([id, { inputs }]) => [id, linksOf(inputs, entries)]))
  for (const [id, cycle] of cyclesFrom(outputs, sources))
    faults.set(id, [cycleFault(id, cycle, entries), ...faultsOf(id)])

  const failing = new Map<string, string[]>()
  const good = outputs.filter((output) => {
    const wrong = reachable(output, sources).filter((id) => faultsOf(id).length > 0)
    for (const id of wrong) failing.set(id, [...(failing.get(id) ?? []), output])
    return wrong.length === 0
  })
  const node_errors = Object.fromEntries(
    [...failing].map(([id, dependent_outputs]) => {
      return [id, { errors: faultsOf(id), dependent_outputs, class_type: entries.get(id)!.class_type }]
    }),
  )
  if (good.length > 0) return { ok: true, outputs: good, node_errors }
  const details = outputs.flatMap(faultsOf).map((one) => `${one.message}: ${one.details}`)
  const error = fault('prompt_outputs_failed_validation', 'Prompt outputs failed validation', details.join('\n'))
  return { ok: false, error, node_errors }
}

/** A node with inputs of a class that is known; undefined otherwise. */
function entryOf(node: unknown, info: ObjectInfo): PromptEntry | undefined {
  if (!isJsonObject(node) || typeof node.class_type !== 'string') return undefined
  if (!Object.hasOwn(info, node.class_type)) return undefined
  return { class_type: node.class_type, inputs: isJsonObject(node.inputs) ? (node.inputs as ComfyObject) : {} }
}

function linksOf(inputs: ComfyObject, entries: ReadonlyMap<string, PromptEntry>): string[] {
  return Object.values(inputs).flatMap((value) => {
    const source = sourceOf(value)
    return source && entries.has(source.node) ? [source.node] : []
  })
}

type Sources = ReadonlyMap<string, readonly string[]>

function reachable(output: string, sources: Sources): string[] {
  const found = new Set([output])
  for (const id of found) for (const source of sources.get(id)!) found.add(source) // a set is walked as it grows
  return [...found]
}

/** Nodes on cycles with the nodes of theirs in order. Without recursion: prompts may be long chains. */
function cyclesFrom(outputs: readonly string[], sources: Sources): Map<string, readonly string[]> {
  const cycles = new Map<string, readonly string[]>()
  const done = new Set<string>()
  for (const output of outputs) {
    const path: { id: string; next: number }[] = done.has(output) ? [] : [{ id: output, next: 0 }]
    const onPath = new Set([output])
    while (path.length > 0) {
      const last = path.at(-1)!
      const source = sources.get(last.id)![last.next++]
      if (source === undefined) {
        path.pop()
        onPath.delete(last.id)
        done.add(last.id)
      } else if (onPath.has(source)) {
        const cycle = path.slice(path.findIndex(({ id }) => id === source)).map(({ id }) => id)
        for (const id of cycle) if (!cycles.has(id)) cycles.set(id, cycle)
      } else if (!done.has(source)) {
        path.push({ id: source, next: 0 })
        onPath.add(source)
      }
    }
  }
  return cycles
}

function cycleFault(id: string, cycle: readonly string[], entries: ReadonlyMap<string, PromptEntry>): ComfyFault {
  const named = [...cycle, cycle[0]!].map((node) => `${node} (${entries.get(node)!.class_type})`)
  const extra = { node_id: id, cycle_nodes: [...cycle] }
  return fault('dependency_cycle', 'Dependency cycle detected', named.join(' -> '), extra)
}

function missingType(id: string, node: unknown): ComfyFault {
  const { class_type = null, _meta } = isJsonObject(node) ? node : {}
  const named = isJsonObject(_meta) && typeof _meta.title === 'string' ? _meta.title : null
  const title = named ?? (typeof class_type === 'string' ? class_type : null)
  const message =
    typeof class_type === 'string'
      ? `Node '${title}' not found. This server does not know its class.`
      : `Node '${title ?? `ID #${id}`}' has no class_type.`
  return fault('missing_node_type', message, `Node ID '#${id}'`, { node_id: id, class_type, node_title: title })
}

const noPrompt: ComfyFault = {
  type: 'no_prompt',
  message: 'No prompt provided',
  details: 'No prompt provided',
  extra_info: {},
}

function fault(type: string, message: string, details: string, extra_info: ComfyObject = {}): ComfyFault {
  return { type, message, details, extra_info }
}

const refused = (error: ComfyFault): PromptVerdict => ({ ok: false, error, node_errors: {} })
