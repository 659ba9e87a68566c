/** Schema migrations, one per version step, consecutive. They work on plain JSON and keep every field they do not know. */
import { isJsonObject, type JsonObject, type JsonValue } from '../json.js'

/** From version n (the key) to n + 1. */
const migrations: Readonly<Record<number, (document: JsonObject) => JsonObject>> = {
  1: linksToObjects,
}

/** Oldest version that can be read. */
export const oldestVersion = 1

/** Brings a document from its version to `target`; each step raises `dreamgraph` by one. */
export function migrateDocument(document: JsonObject, target: number): JsonObject {
  let current = document
  for (let version = current.dreamgraph as number; version < target; version++) {
    current = { ...migrations[version]!(current), dreamgraph: version + 1 }
  }
  return current
}

/** Version 1 wrote link ends as "node.socket"; version 2 as objects, so that node ids may hold dots. */
function linksToObjects(document: JsonObject): JsonObject {
  const migrated = withObjectLinks(document)
  if (!isJsonObject(document.components)) return migrated
  const components = Object.entries(document.components).map(([name, component]) => {
    return [name, isJsonObject(component) ? withObjectLinks(component) : component] as const
  })
  return { ...migrated, components: Object.fromEntries(components) }
}

function withObjectLinks(graph: JsonObject): JsonObject {
  if (!Array.isArray(graph.links)) return graph
  const links = graph.links.map((link) => {
    return isJsonObject(link) ? { ...link, from: linkEnd(link.from), to: linkEnd(link.to) } : link
  })
  return { ...graph, links }
}

/** What is not "node.socket" stays as it is; the shape check reports it. */
function linkEnd(end: JsonValue | undefined): JsonValue {
  const dot = typeof end === 'string' ? end.lastIndexOf('.') : -1
  return dot > 0 ? { node: (end as string).slice(0, dot), socket: (end as string).slice(dot + 1) } : (end ?? null)
}
