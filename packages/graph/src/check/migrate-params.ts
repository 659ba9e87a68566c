/** Params of an old node, step by step to the version that the catalogue has. */
import type { JsonObject } from '../json.js'
import type { Node } from '../node.js'

/** Applies the migrations of a node from version `saved` on; newer params come back as they are. Throws what a migration throws. */
export function migrateParams<S>(node: Node<S>, saved: number, params: JsonObject): JsonObject {
  let current = params
  for (let version = saved; version < node.version; version++) {
    current = (node.migrate[version]?.(current) as JsonObject | undefined) ?? current
  }
  return current
}
