/**
 * Saving a loaded document: what did not change keeps its text to the byte — number lexemes, spacing, key order,
 * unknown fields — and only what changed is printed anew. One pass over the syntax tree, so many edits cost as one.
 */
import { canonicalJson, isJsonObject, type JsonObject, type JsonValue, sameJson } from '../json.js'
import { type PrintStyle, printInline, printJson } from './print.js'
import type { LoadedWorkflow } from './read.js'
import type { Workflow } from './schema.js'
import { type JsonSyntax, memberName, parseSyntax, span } from './syntax.js'

/** The text of `document`, as an edit of the text that `loaded` came from. Unchanged: exactly that text. */
export function saveWorkflow(loaded: LoadedWorkflow, document: Workflow): string {
  const changed = document as unknown as JsonValue
  if (sameJson(loaded.document, changed)) return loaded.text
  const bom = loaded.text.startsWith('\ufeff') ? '\ufeff' : ''
  const text = loaded.text.slice(bom.length)
  const syntax = parseSyntax(text)
  const [start, end] = span(syntax)
  const body = render(syntax, loaded.original, changed, { text, style: detectStyle(text), indent: '' })
  return bom + text.slice(0, start) + body + text.slice(end)
}

interface Source {
  readonly text: string
  readonly style: PrintStyle
  /** Indentation of the line that the value starts on; undefined inside a container kept on one line. */
  readonly indent: string | undefined
}

/** Renders `after` where `before` stood. */
function render(syntax: JsonSyntax, before: JsonValue, after: JsonValue, source: Source): string {
  if (sameJson(before, after)) return source.text.slice(...span(syntax))
  if (syntax.type === 'Object' && syntax.members.length > 0 && isJsonObject(before) && isJsonObject(after)) {
    return renderObject(syntax, before, after, source)
  }
  if (syntax.type === 'Array' && syntax.elements.length > 0 && Array.isArray(before) && Array.isArray(after)) {
    return renderArray(syntax, before, after, source)
  }
  return printNew(after, source)
}

function renderObject(
  syntax: JsonSyntax & { type: 'Object' },
  before: JsonObject,
  after: JsonObject,
  source: Source,
): string {
  const gaps = new Gaps(syntax.members.map(span), span(syntax), source)
  const items: string[] = []
  syntax.members.forEach((member, index) => {
    const name = memberName(member)
    if (!Object.hasOwn(after, name) || after[name] === undefined) return
    const [valueStart] = span(member.value)
    const key = source.text.slice(span(member)[0], valueStart)
    items.push(gaps.lead(index) + key + render(member.value, before[name]!, after[name], gaps.inside(index)))
  })
  for (const [name, value] of Object.entries(after)) {
    if (value === undefined || Object.hasOwn(before, name)) continue
    const index = Math.max(items.length, syntax.members.length)
    items.push(`${gaps.lead(index)}${JSON.stringify(name)}: ${printNew(value, gaps.inside(index))}`)
  }
  return items.length === 0 ? '{}' : `{${items.join(',')}${gaps.tail}}`
}

/** Equal elements keep their text wherever they moved; the others are paired in order, old text edited into new. */
function renderArray(
  syntax: JsonSyntax & { type: 'Array' },
  before: readonly JsonValue[],
  after: readonly JsonValue[],
  source: Source,
): string {
  const gaps = new Gaps(
    syntax.elements.map((element) => span(element.value)),
    span(syntax),
    source,
  )
  const origin = alignArrays(before, after)
  const items = after.map((value, index) => {
    const old = origin[index]
    const inside = gaps.inside(index)
    const text =
      old === undefined ? printNew(value, inside) : render(syntax.elements[old]!.value, before[old]!, value, inside)
    return gaps.lead(index) + text
  })
  return items.length === 0 ? '[]' : `[${items.join(',')}${gaps.tail}]`
}

/** For each new element, the index of the old element whose text it takes over. */
function alignArrays(before: readonly JsonValue[], after: readonly JsonValue[]): (number | undefined)[] {
  const waiting = new Map<string, number[]>()
  before.forEach((value, index) => {
    const text = canonicalJson(value)
    const list = waiting.get(text)
    if (list) list.push(index)
    else waiting.set(text, [index])
  })
  const origin = after.map((value) => waiting.get(canonicalJson(value))?.shift())
  const spare = [...waiting.values()].flat().sort((a, b) => a - b)
  return origin.map((index) => index ?? spare.shift())
}

/** The white space around the items of a container: what stands before each, and before the closing bracket. */
class Gaps {
  readonly tail: string
  readonly #leads: readonly string[]
  readonly #source: Source

  constructor(spans: readonly (readonly [number, number])[], outer: readonly [number, number], source: Source) {
    const { text } = source
    this.#source = source
    this.#leads = spans.map(([start], index) => {
      if (index === 0) return text.slice(outer[0] + 1, start)
      const gap = text.slice(spans[index - 1]![1], start)
      return gap.slice(gap.indexOf(',') + 1)
    })
    this.tail = text.slice(spans.at(-1)![1], outer[1] - 1)
  }

  /** White space before item `index`; items beyond the old ones follow the last. */
  lead(index: number): string {
    if (index < this.#leads.length) return this.#leads[index]!
    return this.#leads.length === 1 && this.#leads[0] === '' ? ' ' : this.#leads.at(-1)!
  }

  inside(index: number): Source {
    const lead = this.lead(index)
    const lineStart = lead.lastIndexOf('\n')
    return { ...this.#source, indent: lineStart < 0 ? undefined : lead.slice(lineStart + 1) }
  }
}

function printNew(value: JsonValue, { indent, style }: Source): string {
  return indent === undefined ? printInline(value) : printJson(value, indent, style)
}

function detectStyle(text: string): PrintStyle {
  return { newline: text.includes('\r\n') ? '\r\n' : '\n', unit: /\n([ \t]+)"/.exec(text)?.[1] ?? '  ' }
}
