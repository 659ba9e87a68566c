/** Rewriting a document in the newest form on request; everywhere else an old document stays as it is until it changes. */
import type { Catalogue } from '../catalogue.js'
import { pointer } from '../document/pointer.js'
import type { LoadedWorkflow } from '../document/read.js'
import { saveWorkflow } from '../document/save.js'
import type { Component, Workflow, WorkflowNode } from '../document/schema.js'
import { DocumentError } from '../errors.js'
import type { JsonObject } from '../json.js'
import { migrateParams } from './migrate-params.js'
import { Problems } from './problems.js'

/**
 * The text of a document in the newest schema version, each node in the newest version of its type and under its present
 * name; every other byte stays, nodes of unknown or newer types too. A document that is new already keeps its text.
 * Throws DocumentError with every `check/migration-failed`.
 */
export function upgradeWorkflow<S>(loaded: LoadedWorkflow, catalogue: Catalogue<S>): string {
  const errors = new Problems()
  const { document } = loaded
  const components = Object.entries(document.components ?? {}).map(([name, component]) => {
    return [name, upgradeNodes(component, catalogue, { path: pointer('components', name), errors })] as const
  })
  const upgraded: Workflow = {
    ...upgradeNodes(document, catalogue, { path: '', errors }),
    ...(document.components && { components: Object.fromEntries(components) }),
  }
  const [first, ...rest] = errors.list
  if (first) throw new DocumentError([first, ...rest])
  // An edit of the document as it was written, so that the schema's own migrations count as changes.
  return saveWorkflow({ ...loaded, document: loaded.original as unknown as Workflow }, upgraded)
}

function upgradeNodes<S, G extends Workflow | Component>(
  graph: G,
  catalogue: Catalogue<S>,
  at: { readonly path: string; readonly errors: Problems },
): G {
  const nodes = Object.entries(graph.nodes).map(([id, entry]) => [id, upgradeNode(id, entry, catalogue, at)])
  return { ...graph, nodes: Object.fromEntries(nodes) }
}

function upgradeNode<S>(
  id: string,
  entry: WorkflowNode,
  catalogue: Catalogue<S>,
  { path, errors }: { readonly path: string; readonly errors: Problems },
): WorkflowNode {
  const node = catalogue.find(entry.type)
  const saved = entry.version ?? node?.version
  if (!node || saved === undefined || saved > node.version) return entry
  try {
    const params = entry.params && migrateParams(node, saved, entry.params as JsonObject)
    // A version that was never said stays unsaid: absent means the newest.
    const version = entry.version === undefined ? {} : { version: node.version }
    return { ...entry, type: node.type, ...version, ...(params && { params }) }
  } catch (cause) {
    errors.add('check/migration-failed', {
      path: path + pointer('nodes', id, 'version'),
      node: id,
      rule: `params that can be migrated from version ${saved} to ${node.version}`,
      value: cause instanceof Error ? cause.message : String(cause),
    })
    return entry
  }
}
