// What comes with POST /prompt: an API prompt or a workflow file of the browser, and what is to be done with it.
import { type ComfyJson, type ComfyObject, parseComfy, readComfy, toPrompt } from '@dreamgraph/comfy'

export interface PromptBody {
  /** Not judged yet; undefined where there is none. */
  readonly prompt: ComfyJson | undefined
  /** The workflow file that the prompt was made from. */
  readonly layout: ComfyJson | undefined
  readonly clientId: string | undefined
  readonly promptId: ComfyJson | undefined
  readonly number: number | undefined
  readonly front: boolean
  readonly extraData: ComfyObject
  /** Ids of the outputs that are wanted; undefined: all. */
  readonly targets: readonly string[] | undefined
}

/** Whatever the client calls its body, it is JSON. The database takes no NUL, which JSON can spell. Throws ComfyError. */
export const readBody = (bytes: Uint8Array): ComfyJson =>
  parseComfy(Buffer.from(bytes).toString('utf8').replaceAll('\\u0000', '\\ufffd'))

/** Throws ComfyError. */
export function readPromptBody(bytes: Uint8Array): PromptBody {
  const body = readBody(bytes)
  const fields = isObject(body) ? body : {}
  const { client_id, prompt_id, number, front, extra_data, partial_execution_targets: targets } = fields
  const extraData = isObject(extra_data) ? extra_data : {}
  const pngInfo = isObject(extraData.extra_pnginfo) ? extraData.extra_pnginfo : {}
  const file = unfold(Object.hasOwn(fields, 'prompt') ? fields.prompt : bare(fields))
  return {
    prompt: file.prompt,
    layout: file.layout ?? pngInfo.workflow,
    clientId: typeof client_id === 'string' ? client_id : undefined,
    promptId: prompt_id,
    number: typeof number === 'number' && Number.isFinite(number) ? number : undefined,
    front: front === true,
    extraData: withoutAccounts({ ...extraData, ...(typeof client_id === 'string' && { client_id }) }),
    targets: Array.isArray(targets) ? targets.map(String) : undefined,
  }
}

/** A saved file sent as it is. */
function bare(fields: ComfyObject): ComfyJson | undefined {
  const isPrompt = Object.values(fields).some((node) => isObject(node) && Object.hasOwn(node, 'class_type'))
  return isPrompt || Array.isArray(fields.nodes) ? fields : undefined
}

function unfold(given: ComfyJson | undefined): { prompt: ComfyJson | undefined; layout?: ComfyJson } {
  if (!isObject(given) || !Array.isArray(given.nodes)) return { prompt: given }
  const file = readComfy(given)
  return file.kind === 'ui' ? { prompt: toPrompt(file.ui) as unknown as ComfyJson, layout: given } : { prompt: given }
}

/** ComfyUI keeps tokens of its accounts out of queue and history; here nobody needs them at all. */
function withoutAccounts({ auth_token_comfy_org, api_key_comfy_org, ...rest }: ComfyObject): ComfyObject {
  return rest
}

export const isObject = (value: unknown): value is ComfyObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
