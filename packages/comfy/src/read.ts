/** Tells ComfyUI's two kinds of files apart, whatever stands around them. */
import { isJsonObject } from '@dreamgraph/graph'
import { fail } from './errors.js'
import type { ComfyJson, ComfyObject } from './exact-json.js'
import { plainJson } from './plain-json.js'
import { type ComfyPrompt, readPrompt } from './prompt.js'
import { type ComfyUiFile, readUiFile } from './ui-file.js'

export type ComfyFile =
  | { readonly kind: 'prompt'; readonly prompt: ComfyPrompt }
  | { readonly kind: 'ui'; readonly ui: ComfyUiFile }

/**
 * Reads an API prompt (bare, or as the body of `POST /prompt`) or a workflow file of the browser. Secrets such as hf_token
 * are emptied, paths get `/`. Integers beyond 2^53 are exact only if the value comes from `parseComfy`.
 * Throws ComfyError: comfy/not-comfy, comfy/shape with every fault and its path, comfy/too-large.
 */
export function readComfy(value: unknown): ComfyFile {
  const json = plainJson(value)
  const rule = 'an API prompt {id: {class_type, inputs}} or a workflow file {nodes, links, …} of ComfyUI'
  if (!isComfyObject(json)) return fail('comfy/not-comfy', '', rule, json)
  if (Array.isArray(json.nodes)) return { kind: 'ui', ui: readUiFile(json) }
  if (isPrompt(json)) return { kind: 'prompt', prompt: readPrompt(json) }
  const { prompt, workflow } = json
  if (isComfyObject(prompt) && isPrompt(prompt)) return { kind: 'prompt', prompt: readPrompt(prompt, '/prompt') }
  if (isComfyObject(workflow) && Array.isArray(workflow.nodes))
    return { kind: 'ui', ui: readUiFile(workflow, '/workflow') }
  return fail('comfy/not-comfy', '', rule, Object.hasOwn(json, 'dreamgraph') ? 'a dreamgraph document' : json)
}

const isComfyObject = (value: ComfyJson | undefined): value is ComfyObject => isJsonObject(value)

/** One entry with a class makes a prompt of it; the others are then faults with a path. */
function isPrompt(value: ComfyObject): boolean {
  return Object.values(value).some((entry) => isComfyObject(entry) && Object.hasOwn(entry, 'class_type'))
}
