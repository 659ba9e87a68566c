/** What is wrong with the inputs of one node, in ComfyUI's words. */
import { isJsonObject } from '@dreamgraph/graph'
import type { ComfyJson, ComfyObject } from './exact-json.js'
import { toFloat, toInt } from './literal.js'
import type { InputInfo, ObjectInfo } from './object-info.js'
import { pythonFloat, pythonLiteral, pythonText } from './python-text.js'

/** One finding; `type` is what clients tell faults apart by. */
export interface ComfyFault {
  readonly type: string
  readonly message: string
  readonly details: string
  readonly extra_info: ComfyObject
}

/** A node that has a class we know; its inputs may be anything. */
export interface PromptEntry {
  readonly class_type: string
  readonly inputs: ComfyObject
}

export interface InputRules {
  readonly prompt: ReadonlyMap<string, PromptEntry>
  readonly info: ObjectInfo
  /** Whether a picture is there, by the name that LoadImage has it under. Without it the list of pictures counts. */
  readonly hasPicture?: (name: string) => boolean
}

/** Options of more than this are not sent back; the list of all models may be long. */
const maxListed = 20

export function inputFaults({ class_type, inputs }: PromptEntry, rules: InputRules): ComfyFault[] {
  const { required, optional = {} } = rules.info[class_type]!.input
  return Object.entries({ ...required, ...optional }).flatMap(([name, config]) => {
    if (Object.hasOwn(inputs, name)) return faultOf({ name, config, value: inputs[name]! }, rules) ?? []
    if (!Object.hasOwn(required, name)) return []
    const message = 'Required input is missing'
    return [{ type: 'required_input_missing', message, details: name, extra_info: { input_name: name } }]
  })
}

interface Given {
  readonly name: string
  readonly config: InputInfo
  readonly value: ComfyJson
}

function faultOf(given: Given, rules: InputRules): ComfyFault | undefined {
  const { name, value, config } = given
  if (Array.isArray(value)) return linkFault(given, value, rules)
  const literal = isJsonObject(value) && Object.hasOwn(value, '__value__') ? (value as ComfyObject).__value__! : value
  const [type] = config
  if (type === 'INT' || type === 'FLOAT') return numberFault({ ...given, value: literal })
  if (typeof type === 'string') return undefined
  if (config[1]?.image_upload) return pictureFault(name, type, literal, rules)
  return type.includes(literal as string) ? undefined : listFault({ ...given, value: literal }, type)
}

function linkFault(
  { name, config, value }: Given,
  link: readonly ComfyJson[],
  rules: InputRules,
): ComfyFault | undefined {
  const [source, slot] = link
  const bad = (details: string): ComfyFault => ({
    type: 'bad_linked_input',
    message: 'Bad linked input, must be a length-2 list of [node_id, slot_index]',
    details,
    extra_info: { input_name: name, input_config: configJson(config), received_value: value },
  })
  if (link.length !== 2) return bad(name)
  const origin = rules.prompt.get(pythonText(source!))
  if (!origin) return bad(`${name}, node ${pythonLiteral(source!)} does not exist`)
  const received = typeof slot === 'number' ? rules.info[origin.class_type]!.output[slot] : undefined
  if (received === undefined) return bad(`${name}, ${origin.class_type} has no output ${pythonLiteral(slot!)}`)
  const wanted = typeof config[0] === 'string' ? config[0] : 'COMBO'
  if (received === wanted || received === '*') return undefined
  return {
    type: 'return_type_mismatch',
    message: 'Return type mismatch between linked nodes',
    details: `${name}, received_type(${received}) mismatch input_type(${wanted})`,
    extra_info: { input_name: name, input_config: configJson(config), received_type: received, linked_node: value },
  }
}

function numberFault({ name, config, value }: Given): ComfyFault | undefined {
  const [type, options = {}] = config
  const converted = type === 'INT' ? toInt(value) : toFloat(value)
  const extra_info = { input_name: name, input_config: configJson(config), received_value: value }
  if ('complaint' in converted) {
    return {
      type: 'invalid_input_type',
      message: `Failed to convert an input value to a ${type} value`,
      details: `${name}, ${pythonText(value)}, ${converted.complaint}`,
      extra_info: { ...extra_info, exception_message: converted.complaint },
    }
  }
  const number = converted.value
  const shown = type === 'FLOAT' ? pythonFloat(Number(number)) : `${number}`
  const { min, max } = options as { min?: number | bigint; max?: number | bigint }
  if (min !== undefined && number < min) {
    const message = `Value ${shown} smaller than min of ${min}`
    return { type: 'value_smaller_than_min', message, details: name, extra_info }
  }
  if (max !== undefined && number > max) {
    const message = `Value ${shown} bigger than max of ${max}`
    return { type: 'value_bigger_than_max', message, details: name, extra_info }
  }
  return undefined
}

/** Names such as `a.png [output]` or `folder/a.png` are in no list; only the disk knows of them. */
function pictureFault(
  name: string,
  pictures: readonly string[],
  value: ComfyJson,
  { hasPicture }: InputRules,
): ComfyFault | undefined {
  const isUnlisted = (picture: string) => / \[\w+\]$/.test(picture) || /[/\\]/.test(picture)
  const isThere =
    typeof value === 'string' && (hasPicture ? hasPicture(value) : pictures.includes(value) || isUnlisted(value))
  if (isThere) return undefined
  return {
    type: 'custom_validation_failed',
    message: 'Custom validation failed for node',
    details: `${name} - Invalid image file: ${pythonText(value)}`,
    extra_info: { input_name: name },
  }
}

function listFault({ name, config, value }: Given, choices: readonly string[]): ComfyFault {
  const isLong = choices.length > maxListed
  const listed = isLong ? `(list of length ${choices.length})` : pythonLiteral([...choices])
  return {
    type: 'value_not_in_list',
    message: 'Value not in list',
    details: `${name}: ${pythonLiteral(value)} not in ${listed}`,
    extra_info: { input_name: name, input_config: isLong ? null : configJson(config), received_value: value },
  }
}

const configJson = ([type, options = {}]: InputInfo): ComfyJson => [
  typeof type === 'string' ? type : [...type],
  options,
]
