/** How a node class of ComfyUI is declared here: what `/object_info` says of it, in the order of its widgets. */
import type { ComfyJson } from '../exact-json.js'

/** Lists that only the place where pictures are painted knows: files there are, samplers it has. */
export const listNames = [
  'checkpoints',
  'diffusionModels',
  'textEncoders',
  'vaes',
  'loras',
  'pictures',
  'samplers',
  'schedulers',
] as const

export type ListName = (typeof listNames)[number]

export interface InputDeclaration {
  /** `MODEL`, `INT`, …; `COMBO` where one of a list is chosen. */
  readonly type: string
  readonly choices?: readonly string[]
  readonly list?: ListName
  /** The list begins with `None`. */
  readonly hasNone?: boolean
  readonly optional?: boolean
  /** default, min, max, step, multiline, … as ComfyUI names them. */
  readonly options: Readonly<Record<string, ComfyJson>>
}

export interface ClassDeclaration {
  readonly title: string
  readonly category: string
  readonly inputs: Readonly<Record<string, InputDeclaration>>
  /** [name, type] of each output. */
  readonly outputs: readonly (readonly [string, string])[]
  /** Ends a prompt: it saves or shows. */
  readonly outputNode?: boolean
}

type Options = Readonly<Record<string, ComfyJson>>

export const link = (type: string): InputDeclaration => ({ type, options: {} })
export const int = (options: Options): InputDeclaration => ({ type: 'INT', options })
export const float = (options: Options): InputDeclaration => ({ type: 'FLOAT', options })
export const text = (options: Options = {}): InputDeclaration => ({ type: 'STRING', options })
export const boolean = (value: boolean): InputDeclaration => ({ type: 'BOOLEAN', options: { default: value } })
export const choice = (...choices: readonly string[]): InputDeclaration => ({ type: 'COMBO', choices, options: {} })
export const oneOf = (list: ListName, options: Options = {}): InputDeclaration => ({ type: 'COMBO', list, options })
export const orNone = (input: InputDeclaration): InputDeclaration => ({ ...input, hasNone: true })
export const optional = (input: InputDeclaration): InputDeclaration => ({ ...input, optional: true })

/** 0 … 2^64 − 1. The browser puts another widget behind it that says what becomes of the seed after a run. */
export const seed = (least = 0): InputDeclaration =>
  int({ default: least, min: least, max: 2n ** 64n - 1n, control_after_generate: true })

/** ComfyUI's largest side of a picture. */
export const maxSide = 16_384

/** True for inputs that a browser shows as a field, so that they have a place among the widget values. */
export function isWidget({ type }: InputDeclaration): boolean {
  return type === 'COMBO' || type === 'INT' || type === 'FLOAT' || type === 'STRING' || type === 'BOOLEAN'
}

/** True for names of files, which Windows writes with backslashes. */
export function isPath(name: string, { list }: InputDeclaration): boolean {
  return name === 'filename_prefix' || (list !== undefined && list !== 'samplers' && list !== 'schedulers')
}

/** What a value is when none is given; undefined where there is no such thing. */
export function defaultOf({ options, choices }: InputDeclaration): ComfyJson | undefined {
  return options.default ?? choices?.[0]
}
