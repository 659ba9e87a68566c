/** Nodes that hold one value: it is written into what they feed, and named after it. */
import { literalOf } from '../prompt.js'
import type { Translate } from './work.js'

const literal: Translate = (node) => {
  const value = literalOf(node.node.inputs.value)
  node.say('mapped', 'value', 'written into the inputs that it feeds')
  return value === undefined ? [] : [{ kind: 'literal', setting: { value, key: `${node.id}.value` } }]
}

export const valueTranslators: Readonly<Record<string, Translate>> = {
  PrimitiveInt: literal,
  PrimitiveFloat: literal,
  PrimitiveString: literal,
  PrimitiveStringMultiline: literal,
  PrimitiveBoolean: literal,
}
