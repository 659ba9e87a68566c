// What a transformer's graph hangs on besides its weights, as a key to find its session by.
import type { Model } from './model.js'

/** Adapters by a number of their own: a graph hangs on them as it does on the weights. */
const numbers = new WeakMap<Model['adapters'], number>()
let newest = 0

function numberOf(adapters: Model['adapters']): number {
  const number = numbers.get(adapters) ?? ++newest
  numbers.set(adapters, number)
  return number
}

/** Of the model and of all `others` that a graph was built of, such as shapes and names. */
export const graphKey = (model: Model, ...others: readonly unknown[]): string =>
  JSON.stringify([numberOf(model.adapters), model.loraMode, model.quantization, others])

/** The shapes of feeds by name. */
export const shapesOf = (feeds: Readonly<Record<string, { readonly shape: readonly number[] }>>): unknown =>
  Object.entries(feeds).map(([name, { shape }]) => [name, shape])
