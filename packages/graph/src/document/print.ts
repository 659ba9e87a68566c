/** The stable pretty form of documents built in code, and of the parts that an edit adds to a loaded text. */
import { isJsonObject, type JsonObject, type JsonValue } from '../json.js'
import { type Workflow, workflowSchema } from './schema.js'

export interface PrintStyle {
  /** Indentation per level. */
  readonly unit: string
  readonly newline: string
}

const defaultStyle: PrintStyle = { unit: '  ', newline: '\n' }
const widthChars = 100

/** Prints a document: known fields in schema order, one node and one link per line where they fit in 100 columns. */
export function printWorkflow(document: Workflow): string {
  const fields = Object.keys(workflowSchema.shape).filter((key) => Object.hasOwn(document, key))
  const others = Object.keys(document).filter((key) => !Object.hasOwn(workflowSchema.shape, key))
  const source = document as unknown as JsonObject
  const ordered = Object.fromEntries([...fields, ...others].map((key) => [key, source[key]!]))
  return `${printJson(ordered, '', defaultStyle, 2)}\n`
}

/** Prints a value; containers are broken over lines when they do not fit, and on the first `openLevels` levels. */
export function printJson(value: JsonValue, indent: string, style: PrintStyle, openLevels = 0): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const inline = printInline(value)
  const empty = inline.length === 2
  if (empty || (openLevels <= 0 && indent.length + inline.length <= widthChars)) return inline
  const inner = indent + style.unit
  const items = isJsonObject(value)
    ? members(value).map(([key, item]) => {
        return `${JSON.stringify(key)}: ${printJson(item, inner, style, openLevels - 1)}`
      })
    : value.map((item) => printJson(item, inner, style, openLevels - 1))
  const [open, close] = isJsonObject(value) ? '{}' : '[]'
  const lines = items.map((item) => style.newline + inner + item).join(',')
  return `${open}${lines}${style.newline}${indent}${close}`
}

/** Prints a value on one line. */
export function printInline(value: JsonValue): string {
  if (Array.isArray(value)) return `[${value.map(printInline).join(', ')}]`
  if (!isJsonObject(value)) return JSON.stringify(value)
  return `{${members(value)
    .map(([key, item]) => `${JSON.stringify(key)}: ${printInline(item)}`)
    .join(', ')}}`
}

/** As in JSON.stringify, undefined fields are absent. */
function members(value: JsonObject): [string, JsonValue][] {
  return Object.entries(value).filter(([, item]) => item !== undefined)
}
