/** Declared inputs: values given by name (or defaults) become params and feeds of the nodes they point to. */
import type { Catalogue } from '../catalogue.js'
import { pointer } from '../document/pointer.js'
import type { DeclaredInput } from '../document/schema.js'
import { typeName, type ValueType } from '../socket-type.js'
import { nearest } from '../suggest.js'
import type { Scope } from './expand.js'
import { nearestChoice } from './params.js'
import type { Problems } from './problems.js'
import { parseTypeName } from './type-name.js'
import type { Leaf, Wiring } from './wire.js'

interface GivenOptions<S> {
  readonly catalogue: Catalogue<S>
  readonly wiring: Wiring<S>
  /** Values by name for the top scope. */
  readonly inputs: Readonly<Record<string, unknown>>
  /** Literal params per flat node; given values replace them. */
  readonly params: readonly Record<string, unknown>[]
  readonly errors: Problems
}

/** Applies the values of one scope: of the run at the top, of the using node's params in a component. */
export function applyGiven<S>(scope: Scope<S>, options: GivenOptions<S>): void {
  const { catalogue, wiring, errors } = options
  const given: Readonly<Record<string, unknown>> = scope.use ? (scope.use.entry.params ?? {}) : options.inputs
  const declaredInputs = scope.graph.inputs ?? {}
  reportUnknown(scope, Object.keys(given), Object.keys(declaredInputs), errors)

  for (const [name, declared] of Object.entries(declaredInputs)) {
    const path = scope.path + pointer('inputs', name)
    const type = parseTypeName(declared.type, catalogue)
    if (!type) {
      const suggest = () =>
        nearest(
          declared.type,
          catalogue.socketTypes.map((known) => known.name),
        )
      const rule = 'a socket type, or list<type>'
      errors.add('check/unknown-socket-type', { path: `${path}/type`, rule, value: declared.type, suggest })
      continue
    }
    if (declared.to.length === 0) {
      errors.add('check/empty-target', { path: `${path}/to`, rule: 'at least one target', value: declared.to })
    }
    const leaves = wiring.declaredTargets(scope, name)
    const fits = leaves.filter((leaf) => checkDeclaredType(leaf, type, { path, errors }))
    if (scope.fed.has(name)) continue
    const isGiven = Object.hasOwn(given, name)
    if (!isGiven && declared.default === undefined) {
      if (!scope.use) reportMissing(fits, { name, declared, path, options })
      continue
    }
    const value = isGiven ? given[name] : declared.default
    const valuePath = isGiven ? (scope.use ? `${scope.use.path}${pointer('params', name)}` : path) : `${path}/default`
    for (const leaf of fits) applyValue(leaf, { name, value, type, path: valuePath, options })
  }
}

function applyValue<S>(
  { flat, name: target }: Leaf<S>,
  at: { name: string; value: unknown; type: ValueType; path: string; options: GivenOptions<S> },
): void {
  const { name, value, type, path, options } = at
  const param = flat.node && Object.hasOwn(flat.node.params, target) ? flat.node.params[target] : undefined
  const items = type.list ? value : [value]
  const report = (rule: string, got: unknown, suggest?: () => string | undefined): void => {
    options.errors.add('check/input-value', { path, node: flat.id, socket: target, rule, value: got, suggest })
  }
  if (!Array.isArray(items)) {
    report(`a list for the workflow input "${name}"`, value)
    options.wiring.poison({ flat, name: target }, path)
    return
  }
  const parsed: unknown[] = []
  for (const item of items) {
    if (param) {
      const read = param.read(item)
      if ('value' in read) parsed.push(read.value)
      else report(`${read.rule} for the workflow input "${name}"`, item, () => nearestChoice(param, item))
      continue
    }
    const own = type.type.parse?.(item)
    if (own !== undefined) parsed.push(own)
    else report(`a value of type ${type.type.name} for the workflow input "${name}"`, item)
  }
  if (parsed.length !== items.length) {
    options.wiring.poison({ flat, name: target }, path)
    return
  }
  if (param && !type.list) {
    if (options.wiring.feeds[flat.index]?.has(target)) {
      const rule = 'either a link or a declared input'
      options.errors.add('check/duplicate-link', { path, node: flat.id, param: target, rule, value: 'both' })
    }
    options.params[flat.index]![target] = parsed[0]
    return
  }
  const given = { value: type.list ? parsed : parsed[0], type }
  options.wiring.feed({ flat, name: target }, { from: -1, output: name, given, order: Number.MAX_SAFE_INTEGER, path })
}

/** A type is declared once and equals the target's; a list of it maps the target. */
function checkDeclaredType<S>(
  { flat, name }: Leaf<S>,
  type: ValueType,
  at: { path: string; errors: Problems },
): boolean {
  const { node } = flat
  if (!node) return false
  const wanted = Object.hasOwn(node.params, name) ? node.params[name]!.type : node.inputs[name]!.type
  if (wanted.name === type.type.name) return true
  const path = `${at.path}/type`
  const rule = `the type of its target ${flat.id}.${name}, ${wanted.name}`
  at.errors.add('check/declared-type', { path, rule, value: typeName(type), suggest: () => wanted.name })
  return false
}

/** Without value and default, each target must be content with what the document gives it. */
function reportMissing<S>(
  leaves: readonly Leaf<S>[],
  at: { name: string; declared: DeclaredInput; path: string; options: GivenOptions<S> },
): void {
  for (const { flat, name } of leaves) {
    const { node } = flat
    if (!node || at.options.wiring.feeds[flat.index]?.has(name)) continue
    const param = Object.hasOwn(node.params, name) ? node.params[name] : undefined
    if (param && (param.defaultValue !== undefined || Object.hasOwn(at.options.params[flat.index]!, name))) continue
    if (!param && node.inputs[name]!.optional) continue
    const rule = `a value of type ${at.declared.type} for the workflow input "${at.name}"`
    at.options.errors.add('check/missing-value', { path: at.path, rule, value: undefined })
    at.options.wiring.poison({ flat, name }, at.path)
  }
}

function reportUnknown<S>(
  scope: Scope<S>,
  given: readonly string[],
  declared: readonly string[],
  errors: Problems,
): void {
  for (const name of given) {
    if (declared.includes(name)) continue
    const suggest = () => nearest(name, declared)
    if (scope.use) {
      const path = `${scope.use.path}${pointer('params', name)}`
      const rule = 'an input of the component'
      errors.add('check/unknown-param', { path, node: scope.use.id, param: name, rule, value: name, suggest })
    } else {
      const rule =
        declared.length === 0 ? 'no inputs, the workflow declares none' : 'an input that the workflow declares'
      errors.add('check/unknown-input', { path: '/inputs', rule, value: name, suggest })
    }
  }
}
