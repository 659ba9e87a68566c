// Whether a prompt can run, by ComfyUI's rules over what there is here: any model file will do, since a model of ours stands
// in for it, and pictures are there or not.
import {
  type ComfyJson,
  type ComfyLists,
  type ComfyObject,
  type ComfyPrompt,
  type ObjectInfo,
  objectInfo,
  type PromptVerdict,
  validatePrompt,
} from '@dreamgraph/comfy'
import type { Asker } from '../jobs/jobs.js'
import { addressIn } from './addresses.js'
import type { Pictures } from './pictures.js'
import { isObject } from './prompt-body.js'
import { knownSamplers, knownSchedulers } from './sampler-names.js'

export interface JudgeOptions {
  readonly asker: Asker
  readonly pictures: Pictures
  readonly lists: ComfyLists
  readonly targets: readonly string[] | undefined
}

export interface Judged {
  readonly verdict: PromptVerdict
  /** What documents call the pictures of the prompt, by their names in it. */
  readonly files: ReadonlyMap<string, string>
}

/** Throws ComfyError for what is too large to be looked at. */
export async function judgePrompt(prompt: ComfyJson | undefined, options: JudgeOptions): Promise<Judged> {
  const { asker, pictures, lists, targets } = options
  const nodes = isObject(prompt) ? Object.values(prompt).filter(isObject) : []
  const info = objectInfo({
    ...lists,
    ...namedFiles(nodes, lists),
    samplers: knownSamplers,
    schedulers: knownSchedulers,
  })
  const files = new Map<string, string>()
  for (const name of pictureNames(nodes, info)) {
    const address = addressIn(name)
    const found = address && (await pictures.find(asker, address))
    if (found) files.set(name, found.file)
  }
  const verdict = validatePrompt(prompt, info, { targets, hasPicture: (name) => files.has(plain(name)) })
  return { verdict, files }
}

/** The reader of prompts gives names of files their slashes. */
const plain = (name: string): string => name.replaceAll('\\', '/')

const fileLists = ['checkpoints', 'diffusionModels', 'textEncoders', 'vaes', 'loras'] as const

/** Lists of files, with every word of the prompt in them. */
function namedFiles(nodes: readonly ComfyObject[], lists: ComfyLists): ComfyLists {
  const inputs = nodes.flatMap(({ inputs }) => (isObject(inputs) ? Object.values(inputs) : []))
  const words = inputs.filter((value): value is string => typeof value === 'string')
  return Object.fromEntries(fileLists.map((list) => [list, [...new Set([...(lists[list] ?? []), ...words])]]))
}

function pictureNames(nodes: readonly ComfyObject[], info: ObjectInfo): Set<string> {
  const names = nodes.flatMap(({ class_type, inputs }) => {
    if (typeof class_type !== 'string' || !Object.hasOwn(info, class_type) || !isObject(inputs)) return []
    const uploads = Object.entries(info[class_type]!.input.required).filter(([, [, options]]) => options?.image_upload)
    return uploads.flatMap(([name]) => (typeof inputs[name] === 'string' ? plain(inputs[name]) : []))
  })
  return new Set(names)
}

/** The nodes that the outputs need: what is wrong elsewhere does not matter, and does not run. */
export function neededFor(prompt: ComfyPrompt, outputs: readonly string[]): ComfyPrompt {
  const needed = new Set(outputs)
  for (const id of needed) {
    for (const value of Object.values(prompt[id]?.inputs ?? {})) {
      if (Array.isArray(value) && value.length === 2 && Object.hasOwn(prompt, String(value[0])))
        needed.add(String(value[0]))
    }
  }
  return Object.fromEntries(Object.entries(prompt).filter(([id]) => needed.has(id)))
}
