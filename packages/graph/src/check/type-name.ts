/** Type names of documents: `image`, `list<image>`. */
import type { Catalogue } from '../catalogue.js'
import type { ValueType } from '../socket-type.js'

/** Undefined when the catalogue has no such type. */
export function parseTypeName<S>(name: string, catalogue: Catalogue<S>): ValueType | undefined {
  const element = /^list<(.+)>$/.exec(name)?.[1]
  const type = catalogue.findType(element ?? name)
  return type && { type, list: element !== undefined }
}
