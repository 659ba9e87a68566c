/** Params of one node: migrated to the current version, read by their rules, completed by their defaults. */
import { pointer } from '../document/pointer.js'
import type { JsonObject } from '../json.js'
import type { Node } from '../node.js'
import type { Param } from '../param.js'
import { nearest } from '../suggest.js'
import { type FlatNode, nodePath } from './expand.js'
import { migrateParams } from './migrate-params.js'
import type { Problems } from './problems.js'

/** Reads the params that the document gives. Those without value are absent: a link, an input or a default may follow. */
export function readParams<S>(
  flat: FlatNode<S> & { readonly node: Node<S> },
  errors: Problems,
  warnings: Problems,
): Record<string, unknown> {
  const { id, node, entry } = flat
  const values: Record<string, unknown> = {}
  const isCurrent = (entry.version ?? node.version) === node.version
  if (!entry.params && isCurrent) return values
  const params = migratedParams(flat, errors, warnings)
  for (const name of Object.keys(params)) {
    if (!Object.hasOwn(node.params, name)) {
      const suggest = () => nearest(name, Object.keys(node.params))
      const path = nodePath(flat, 'params', name)
      const rule = `a param of ${node.type}`
      errors.add('check/unknown-param', { path, node: id, param: name, rule, value: name, suggest })
      continue
    }
    const read = node.params[name]!.read(params[name])
    if ('value' in read) {
      values[name] = read.value
      continue
    }
    errors.add(read.fault === 'type' ? 'check/param-type' : 'check/param-range', {
      path: nodePath(flat, 'params', name),
      node: id,
      param: name,
      rule: read.rule,
      value: params[name],
      suggest: () => nearestChoice(node.params[name]!, params[name]),
    })
  }
  return values
}

/** The choice that a misspelt value probably meant. */
export function nearestChoice(param: Param<unknown>, value: unknown): string | undefined {
  const choices = param.options.choices as readonly string[] | undefined
  return choices && typeof value === 'string' ? nearest(value, choices) : undefined
}

function migratedParams<S>(
  flat: FlatNode<S> & { readonly node: Node<S> },
  errors: Problems,
  warnings: Problems,
): JsonObject {
  const { id, node, entry } = flat
  const params = (entry.params ?? {}) as JsonObject
  const saved = entry.version ?? node.version
  const at = { path: nodePath(flat) + pointer('version'), node: id }
  if (saved > node.version) {
    const rule = `version ${node.version} or older of ${node.type} (a newer dreamgraph wrote this node)`
    errors.add('check/node-too-new', { ...at, rule, value: saved })
  }
  if (saved < node.version) {
    const rule = `version ${node.version} (migrated in memory)`
    warnings.add('check/node-migrated', { ...at, rule, value: saved })
  }
  try {
    return migrateParams(node, saved, params)
  } catch (cause) {
    const rule = `params that can be migrated from version ${saved} to ${node.version}`
    errors.add('check/migration-failed', { ...at, rule, value: cause instanceof Error ? cause.message : String(cause) })
    return params
  }
}
