/** One node of a prompt as a translator sees it: its inputs by name, typed, whatever stands there. */
import { showValue } from '@dreamgraph/graph'
import { type ClassDeclaration, defaultOf } from '../classes/declaration.js'
import { comfyClasses } from '../classes/index.js'
import type { ComfyJson } from '../exact-json.js'
import { toFloat, toInt } from '../literal.js'
import { type ComfyNode, literalOf, sourceOf } from '../prompt.js'
import { pythonText } from '../python-text.js'
import { refusalOf } from './refusals.js'
import type { Remark, Report } from './report.js'
import type { Origin, Outputs, Setting, Value, ValueKind, ValueOf } from './values.js'

/** Largest seed. */
const maxSeed = 2n ** 64n - 1n

const { MAX_SAFE_INTEGER, MIN_SAFE_INTEGER } = Number
const safe = (value: number): number => Math.min(Math.max(value, MIN_SAFE_INTEGER), MAX_SAFE_INTEGER)

export class NodeView implements Origin {
  readonly class: string
  readonly title: string | undefined
  readonly #declared: ClassDeclaration | undefined

  constructor(
    readonly id: string,
    readonly node: ComfyNode,
    readonly values: ReadonlyMap<string, Outputs>,
    readonly report: Report,
  ) {
    this.class = node.class_type
    this.#declared = comfyClasses.get(node.class_type)
    this.title = node._meta?.title
  }

  say(kind: Remark['kind'], what: string, why = ''): void {
    this.report.say(kind, this, what, why)
  }

  /** What comes over the link of an input, if it is of that kind or can be found behind a node that is left out. */
  take<K extends ValueKind>(name: string, kind: K): ValueOf<K> | undefined {
    const value = this.#linked(name)
    return value && through(value, kind, this.report)
  }

  /** As take, and reports a missing one as the reason why this node is left out. */
  need<K extends ValueKind>(name: string, kind: K): ValueOf<K> | undefined {
    const value = this.take(name, kind)
    if (!value) this.say('refused', 'left out', `nothing that could be imported feeds its ${name}`)
    return value
  }

  /** Values of all linked inputs, in order. */
  given(): Value[] {
    return Object.keys(this.node.inputs).flatMap((name) => this.#linked(name) ?? [])
  }

  /** The first text among the literals: of a loader, the file. */
  firstText(): string {
    const texts = Object.values(this.node.inputs).map(literalOf)
    return texts.find((value) => typeof value === 'string') ?? ''
  }

  text(name: string): Setting<string> {
    return this.#setting(name, '', (value) =>
      value === null || typeof value === 'object' ? undefined : pythonText(value),
    )
  }

  int(name: string): Setting<number> {
    return this.#setting(name, 0, (value) => {
      const converted = toInt(value)
      return 'value' in converted ? safe(Number(converted.value)) : undefined
    })
  }

  float(name: string): Setting<number> {
    return this.#setting(name, 0, (value) => {
      const converted = toFloat(value)
      return 'value' in converted ? converted.value : undefined
    })
  }

  /** Decimal digits, 0 … 2^64 − 1. ComfyUI's −1 asks for another seed each time. */
  seed(name: string): Setting<string> {
    return this.#setting(name, '0', (value) => {
      const converted = toInt(value)
      if (!('value' in converted)) return undefined
      const seed = BigInt(converted.value)
      if (typeof value === 'number' && !Number.isSafeInteger(value)) {
        this.say('guessed', 'input seed', 'the number is too large to be exact here: read the file with parseComfy')
      }
      if (seed < 0n) this.say('guessed', 'input seed', `${seed} draws one each time: give --input seed=random for that`)
      return `${seed < 0n ? 0n : seed > maxSeed ? maxSeed : seed}`
    })
  }

  isGiven(name: string): boolean {
    return Object.hasOwn(this.node.inputs, name) && this.node.inputs[name] !== null
  }

  #setting<T extends ComfyJson>(name: string, last: T, read: (value: ComfyJson) => T | undefined): Setting<T> {
    const raw = Object.hasOwn(this.node.inputs, name) ? this.node.inputs[name] : undefined
    const linked = this.take(name, 'literal')?.setting
    const literal = linked ?? { value: literalOf(raw), key: `${this.id}.${name}` }
    const value = literal.value === undefined ? undefined : read(literal.value)
    if (value !== undefined) return { value, key: literal.key }
    const declared = this.#declared?.inputs[name]
    const byDefault = declared && defaultOf(declared)
    const instead = (byDefault === undefined ? undefined : read(byDefault)) ?? last
    const got =
      raw === undefined ? 'nothing was given' : sourceOf(raw) ? 'what feeds it was not imported' : showValue(raw)
    if (!declared?.optional) this.say('guessed', name, `${got}, taken as ${showValue(instead)}`)
    return { value: instead, key: `${this.id}.${name}` }
  }

  #linked(name: string): Value | undefined {
    const source = Object.hasOwn(this.node.inputs, name) ? sourceOf(this.node.inputs[name]) : undefined
    const outputs = source && this.values.get(source.node)
    if (!outputs) return undefined
    return 'kind' in outputs ? { ...outputs, output: source.output } : outputs[source.output]
  }
}

/** The value itself, or what a node that is left out was given of that kind: as if that node were bypassed. */
export function through<K extends ValueKind>(
  value: Value,
  kind: K,
  report: Report,
  seen: Set<string> = new Set(),
): ValueOf<K> | undefined {
  if (value.kind === kind) return value as ValueOf<K>
  if (value.kind !== 'unknown') return undefined
  const { origin, output, given } = value
  const key = `${origin.id} ${output}`
  if (seen.has(key)) return undefined
  seen.add(key)
  const found = given
    .flatMap((candidate) => through(candidate, kind, report, seen) ?? [])
    .filter((one) => goesOn(one as Value))
  const chosen = found[output] ?? found[0]
  if (!chosen) return foreign(value, kind) as ValueOf<K> | undefined
  const words = kind === 'literal' ? 'text' : kind
  report.say('refused', origin, 'left out', refusalOf(origin.class, `its ${words} goes on unchanged`))
  return chosen
}

/** A number that went into an unknown node is rarely the one that comes out. */
function goesOn(value: Value): boolean {
  return value.kind !== 'literal' || typeof value.setting.value === 'string'
}

/**
 * Unknown loaders and text encoders do what the known ones do, as far as it matters here: models are given by name, and a prompt
 * is its text.
 */
function foreign({ origin, given, file }: ValueOf<'unknown'>, kind: ValueKind): Value | undefined {
  if (file === '') return undefined
  const isLoader = given.length === 0
  if (kind === 'model' && isLoader) {
    return { kind, recipe: { base: { ...origin, asked: file }, loras: [], references: [], shiftsBySize: false } }
  }
  const takesClip = given.some(
    (value) => value.kind === 'clip' || (value.kind === 'unknown' && value.given.length === 0),
  )
  if (kind !== 'conditioning' || !takesClip) return undefined
  return { kind, text: { ...origin, text: { value: file, key: `${origin.id}.text` } }, guidance: undefined }
}
