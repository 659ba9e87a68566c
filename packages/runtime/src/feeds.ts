/** Checks feeds against the model's inputs before they cross the process border, where onnxruntime would be vaguer. */

import { RuntimeError } from './errors.js'
import { elementCount, type TensorData, type TensorSpec, tensorArrays } from './tensor.js'

export type Feeds = Readonly<Record<string, TensorData>>

/**
 * Throws on the first feed that does not fit. Sizes that the model names (`L` in `[1, L, 64]`) must agree over all feeds.
 * Errors: runtime/feed-unknown, -dtype, -shape.
 */
export function checkFeeds(model: string, inputs: readonly TensorSpec[], feeds: Feeds): void {
  const specs = new Map(inputs.map((spec) => [spec.name, spec]))
  const named = new Map<string, { size: number; feed: string }>()
  for (const [name, tensor] of Object.entries(feeds)) {
    const where = `${model}, feed "${name}"`
    const spec = specs.get(name)
    if (!spec) {
      const known = inputs.map((input) => input.name).join(', ') || 'none'
      throw new RuntimeError('runtime/feed-unknown', `${where}: expected one of the inputs ${known}, got "${name}"`)
    }
    checkData(where, spec, tensor)
    checkShape(where, spec, tensor, named)
  }
}

/** Throws runtime/feed-missing unless each model input is among the names. */
export function checkComplete(model: string, inputs: readonly TensorSpec[], names: ReadonlySet<string>): void {
  const missing = inputs.filter((input) => !names.has(input.name))
  if (missing.length === 0) return
  const list = missing.map((input) => `${input.name} ${describe(input)}`).join(', ')
  throw new RuntimeError('runtime/feed-missing', `${model}: expected a feed for each input, got none for ${list}`)
}

/** Throws runtime/output-unknown unless each requested name is an output of the model. */
export function checkOutputs(model: string, outputs: readonly TensorSpec[], requested: readonly string[]): void {
  const unknown = requested.find((name) => !outputs.some((output) => output.name === name))
  if (unknown === undefined) return
  const known = outputs.map((output) => output.name).join(', ')
  throw new RuntimeError('runtime/output-unknown', `${model}: expected one of the outputs ${known}, got "${unknown}"`)
}

/** Throws runtime/output-unknown or runtime/carry-mismatch unless each output may become the input it is carried to. */
export function checkCarry(
  model: string,
  { inputs, outputs }: { inputs: readonly TensorSpec[]; outputs: readonly TensorSpec[] },
  carry: Readonly<Record<string, string>>,
): void {
  checkOutputs(model, outputs, Object.keys(carry))
  for (const [name, target] of Object.entries(carry)) {
    const output = outputs.find((spec) => spec.name === name)!
    const input = inputs.find((spec) => spec.name === target)
    if (input && describe(input) === describe(output)) continue
    const got = input ? describe(input) : 'no such input'
    const where = `${model}, carry "${name}" to "${target}"`
    throw new RuntimeError('runtime/carry-mismatch', `${where}: expected an input ${describe(output)}, got ${got}`)
  }
}

function checkData(where: string, spec: TensorSpec, tensor: TensorData): void {
  if (tensor.dtype !== spec.dtype) {
    throw new RuntimeError('runtime/feed-dtype', `${where}: expected dtype ${spec.dtype}, got ${tensor.dtype}`)
  }
  const array = tensorArrays[tensor.dtype]
  if (!(tensor.data instanceof array)) {
    const got = (tensor.data as object | undefined)?.constructor?.name ?? String(tensor.data)
    throw new RuntimeError(
      'runtime/feed-dtype',
      `${where}: expected ${tensor.dtype} data in a ${array.name}, got ${got}`,
    )
  }
  const count = elementCount(tensor.shape)
  if (tensor.data.length !== count) {
    const rule = `${count} elements for shape [${tensor.shape}]`
    throw new RuntimeError('runtime/feed-shape', `${where}: expected ${rule}, got ${tensor.data.length}`)
  }
}

function checkShape(
  where: string,
  spec: TensorSpec,
  tensor: TensorData,
  named: Map<string, { size: number; feed: string }>,
): void {
  const fail = (rule: string): never => {
    throw new RuntimeError('runtime/feed-shape', `${where}: expected ${rule}, got [${tensor.shape}]`)
  }
  if (!tensor.shape.every((size) => Number.isSafeInteger(size) && size >= 0))
    fail('sizes that are whole and not negative')
  if (tensor.shape.length !== spec.shape.length) fail(`shape [${spec.shape}]`)
  for (const [axis, rule] of spec.shape.entries()) {
    const size = tensor.shape[axis]!
    if (typeof rule === 'number') {
      if (size !== rule) fail(`shape [${spec.shape}]`)
    } else if (rule !== '') {
      const seen = named.get(rule)
      if (seen && seen.size !== size) fail(`"${rule}" = ${seen.size} as in feed "${seen.feed}" (shape [${spec.shape}])`)
      if (!seen) named.set(rule, { size, feed: spec.name })
    }
  }
}

function describe(spec: TensorSpec): string {
  return `(${spec.dtype} [${spec.shape}])`
}
