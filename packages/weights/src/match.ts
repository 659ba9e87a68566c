// Does a checkpoint, or a LoRA, belong to the model at hand? Answered before anything runs.
import { type DType, isBlockDType } from './dtype.js'
import { WeightsError } from './errors.js'
import type { Lora } from './lora.js'
import { isTextEncoderKey } from './lora-keys.js'
import type { WeightSet } from './view.js'

export interface ShapeMismatch {
  readonly name: string
  readonly expected: readonly number[]
  readonly got: readonly number[]
}

export interface MatchReport {
  readonly matched: readonly string[]
  /** wanted by the model, absent from the checkpoint */
  readonly missing: readonly string[]
  /** in the checkpoint, of no use to the model */
  readonly unexpected: readonly string[]
  readonly wrongShape: readonly ShapeMismatch[]
  /** integers where weights should be: a quantized file that this package cannot decode, or blocks unless allowed */
  readonly notFloat: readonly { readonly name: string; readonly dtype: DType }[]
}

/** Compares what a model needs with what a checkpoint holds. */
export function matchWeights(
  expected: Iterable<{ readonly name: string; readonly shape: readonly number[] }>,
  set: WeightSet,
  { blocks = 'refuse' }: { readonly blocks?: 'allow' | 'refuse' } = {},
): MatchReport {
  const matched: string[] = []
  const missing: string[] = []
  const wrongShape: ShapeMismatch[] = []
  const notFloat: { name: string; dtype: DType }[] = []
  const wanted = new Set<string>()
  for (const { name, shape } of expected) {
    wanted.add(name)
    const view = set.get(name)
    if (!view) missing.push(name)
    else if (!sameShape(shape, view.shape)) wrongShape.push({ name, expected: shape, got: view.shape })
    else if (isBlockDType(view.dtype) ? blocks === 'refuse' : !/^B?F\d/.test(view.dtype))
      notFloat.push({ name, dtype: view.dtype })
    else matched.push(name)
  }
  const unexpected = [...set.keys()].filter((name) => !wanted.has(name))
  return { matched, missing, unexpected, wrongShape, notFloat }
}

/**
 * Throws WeightsError `weights/does-not-match`, naming the first keys, when tensors are missing, misshapen or not
 * numbers. Unexpected tensors are refused only on request: files carry extras that change nothing.
 */
export function assertMatch(
  report: MatchReport,
  where: string,
  options: { readonly unexpected?: 'allow' | 'refuse' } = {},
): void {
  const faults = [
    listed('missing', report.missing),
    listed('of the wrong shape', report.wrongShape.map(shapeText)),
    listed(
      'not floating-point',
      report.notFloat.map(({ name, dtype }) => `${name} (${dtype})`),
    ),
    options.unexpected === 'refuse' ? listed('unexpected', report.unexpected) : '',
  ].filter((text) => text !== '')
  if (faults.length === 0) return
  const total = report.matched.length + report.missing.length + report.wrongShape.length + report.notFloat.length
  throw new WeightsError(
    'weights/does-not-match',
    `${where}: expected all ${total} tensors of the model, got ${report.matched.length}; ${faults.join('; ')}`,
  )
}

export interface LoraMatchReport {
  readonly matched: readonly string[]
  /** modules that the base does not have */
  readonly unknownModules: readonly string[]
  /** pairs whose product has another shape than the base's weight */
  readonly wrongShape: readonly ShapeMismatch[]
  /** pairs whose halves disagree about the rank: up's columns, down's rows */
  readonly rankMismatch: readonly ShapeMismatch[]
  /** keys of no known meaning */
  readonly unknownKeys: readonly string[]
  /** adapters of text encoders in the same file: left out, and said so */
  readonly textEncoderKeys: readonly string[]
}

/** Compares a LoRA with the weights of its base: module `X` acts on tensor `X.weight`. */
export function matchLora(
  lora: Pick<Lora, 'modules' | 'unknown'>,
  base: ReadonlyMap<string, { readonly shape: readonly number[] }>,
): LoraMatchReport {
  const matched: string[] = []
  const unknownModules: string[] = []
  const wrongShape: ShapeMismatch[] = []
  const rankMismatch: ShapeMismatch[] = []
  for (const [name, { down, up }] of lora.modules) {
    const shape = base.get(`${name}.weight`)?.shape
    const product = [up.shape[0]!, down.shape[1]!]
    if (!shape) unknownModules.push(name)
    else if (up.shape[1] !== down.shape[0]) rankMismatch.push({ name, expected: [down.shape[0]!], got: [up.shape[1]!] })
    else if (!sameShape(shape, product)) wrongShape.push({ name, expected: shape, got: product })
    else matched.push(name)
  }
  return {
    matched,
    unknownModules,
    wrongShape,
    rankMismatch,
    unknownKeys: lora.unknown.filter((key) => !isTextEncoderKey(key)),
    textEncoderKeys: lora.unknown.filter(isTextEncoderKey),
  }
}

/** Throws WeightsError `weights/lora-does-not-fit`, naming the first keys, unless the whole LoRA can be applied. */
export function assertLoraFits(report: LoraMatchReport, where: string): void {
  const faults = [
    listed('modules that the base does not have', report.unknownModules),
    listed('of another shape than the base', report.wrongShape.map(shapeText)),
    listed('with up and down of different rank', report.rankMismatch.map(shapeText)),
    listed('keys of no known meaning', report.unknownKeys),
  ].filter((text) => text !== '')
  if (faults.length === 0) return
  throw new WeightsError(
    'weights/lora-does-not-fit',
    `${where}: expected a LoRA for this base, got ${report.matched.length} fitting modules and ${faults.join('; ')}`,
  )
}

const shownKeys = 3

function listed(what: string, names: readonly string[]): string {
  if (names.length === 0) return ''
  const more = names.length > shownKeys ? ` and ${names.length - shownKeys} more` : ''
  return `${names.length} ${what}: ${names.slice(0, shownKeys).join(', ')}${more}`
}

function shapeText({ name, expected, got }: ShapeMismatch): string {
  return `${name} [${got}] for [${expected}]`
}

function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((size, i) => size === b[i])
}
