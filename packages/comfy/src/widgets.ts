/**
 * Names for widget values. Files save the fields of a node as a list without names, in the order of the class at the time of
 * saving, with slots in between that are no inputs. A value that does not fit its place is never taken for another field's.
 */
import { showValue } from '@dreamgraph/graph'
import { defaultOf, type InputDeclaration, isWidget } from './classes/declaration.js'
import { comfyClasses } from './classes/index.js'
import type { ComfyJson, ComfyObject } from './exact-json.js'
import { isSecret } from './secrets.js'

export interface NamedWidgets {
  readonly inputs: Readonly<Record<string, ComfyJson>>
  /** What did not fit, one sentence each. */
  readonly doubts: readonly string[]
  /** What becomes of the seed after each run: fixed, randomize, increment or decrement. */
  readonly control?: string
}

/** The parts of a saved node that hold widget values. */
export interface WidgetHolder {
  readonly type: string
  readonly inputs: readonly { readonly name: string; readonly widget?: { readonly name: string } }[]
  readonly widgets_values?: ComfyJson[] | ComfyObject | null
  readonly widgets_values_named?: ComfyObject
}

const controlWords = new Set(['fixed', 'randomize', 'increment', 'decrement', 'increment-wrap'])

type Slot =
  | { readonly kind: 'value'; readonly name: string; readonly declared?: InputDeclaration }
  | { readonly kind: 'control' }
  | { readonly kind: 'upload' }

/** Values by name: those saved with names first, else by place. */
export function nameWidgets(node: WidgetHolder): NamedWidgets {
  const { widgets_values: values, widgets_values_named: named = {} } = node
  if (Object.keys(named).length > 0) return { inputs: named, doubts: [] }
  return Array.isArray(values) ? align(values, slotsOf(node), node.type) : { inputs: values ?? {}, doubts: [] }
}

/** True for a place in the list of a class's widget values that holds a secret. */
export function isSecretWidget(type: string, at: number): boolean {
  const slot = slotsOf({ type, inputs: [] })[at]
  return slot?.kind === 'value' && isSecret(slot.name)
}

/** What the list should hold. Of a class unknown to us, files of newer browsers at least name the fields. */
function slotsOf({ type, inputs }: WidgetHolder): Slot[] {
  const declared = comfyClasses.get(type)
  if (declared) {
    const fields = Object.entries(declared.inputs).filter(([, input]) => isWidget(input))
    return fields.flatMap(([name, input]) => withExtras({ kind: 'value', name, declared: input }))
  }
  return inputs.flatMap(({ widget }) => (widget ? withExtras({ kind: 'value', name: widget.name }) : []))
}

function withExtras(slot: Slot & { kind: 'value' }): Slot[] {
  const isSeed = slot.name === 'seed' || slot.name === 'noise_seed'
  const { control_after_generate, image_upload } = slot.declared?.options ?? {}
  if (isSeed || control_after_generate) return [slot, { kind: 'control' }]
  return image_upload ? [slot, { kind: 'upload' }] : [slot]
}

function align(values: readonly ComfyJson[], slots: readonly Slot[], type: string): NamedWidgets {
  const inputs: [string, ComfyJson][] = []
  const doubts: string[] = []
  let control: string | undefined
  let at = 0
  for (const [index, slot] of slots.entries()) {
    const value = values[at]
    if (slot.kind === 'control') {
      if (typeof value === 'string' && controlWords.has(value)) {
        control = value
        at++
      }
    } else if (slot.kind === 'upload') {
      if (value === 'image' || value === null || value === '') at++
    } else if (at < values.length && fits(value, slot.declared)) {
      inputs.push([slot.name, value!])
      at++
    } else {
      // A list that is too short comes from an older class: this field did not exist, and its value belongs to the next one.
      const isShort = values.length - at < slots.slice(index).filter(({ kind }) => kind === 'value').length
      if (!isShort) at++
      if (isShort && slot.declared?.optional) continue
      const instead = slot.declared && defaultOf(slot.declared)
      if (instead !== undefined) inputs.push([slot.name, instead])
      doubts.push(doubtOf(slot.name, isShort ? undefined : value, instead))
    }
  }
  const extra = values.length - at
  if (extra > 0 && slots.length > 0) doubts.push(`${extra} more widget values than ${type} has here are left out`)
  return { inputs: Object.fromEntries(inputs), doubts, ...(control !== undefined && { control }) }
}

function doubtOf(name: string, value: ComfyJson | undefined, instead: ComfyJson | undefined): string {
  const rest = instead === undefined ? '' : `, taken as ${showValue(instead)}`
  return value === undefined ? `no ${name} was saved${rest}` : `${name} was saved as ${showValue(value)}${rest}`
}

/** Any text may be one of a list of files; of fixed words only those. Fields of unknown classes take anything. */
function fits(value: ComfyJson | undefined, declared: InputDeclaration | undefined): boolean {
  if (!declared) return true
  if (declared.type === 'INT') return typeof value === 'bigint' || Number.isInteger(value)
  if (declared.type === 'FLOAT') return typeof value === 'number' || typeof value === 'bigint'
  if (declared.type === 'BOOLEAN') return typeof value === 'boolean'
  if (typeof value !== 'string') return false
  return declared.choices === undefined || declared.choices.includes(value)
}
