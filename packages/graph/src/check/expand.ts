/** Expands components: a document becomes one flat list of nodes, and link ends find their way through component borders. */
import type { Catalogue } from '../catalogue.js'
import { pointer } from '../document/pointer.js'
import { type Component, knownFields, type Workflow, type WorkflowNode } from '../document/schema.js'
import { completeNode, type Node } from '../node.js'
import type { Port } from '../port.js'
import { nearest } from '../suggest.js'
import type { Problems } from './problems.js'
import { parseTypeName } from './type-name.js'

/** A node of the expanded graph. */
export interface FlatNode<S> {
  /** Position in `Expansion.nodes`. */
  readonly index: number
  readonly id: string
  readonly key: string
  readonly scope: Scope<S>
  readonly entry: WorkflowNode
  /** Undefined when its type is unknown; that was reported. */
  readonly node: Node<S> | undefined
  readonly mode: 'run' | 'mute' | 'bypass'
}

/** The workflow, or one use of a component. */
export interface Scope<S> {
  readonly graph: Workflow | Component
  /** Pointer to the graph in the document. */
  readonly path: string
  /** Ids of the component nodes around, each followed by "/". */
  readonly prefix: string
  readonly nodes: Map<string, FlatNode<S>>
  readonly inner: Map<string, Scope<S>>
  /** Names of the components around, outermost first. */
  readonly stack: readonly string[]
  /** The node that uses the component; undefined at the top. */
  readonly use?: { readonly id: string; readonly path: string; readonly entry: WorkflowNode }
  /** Declared inputs that a link or a value from outside feeds. */
  readonly fed: Set<string>
}

/** Pointer to a flat node, or to a field of it. */
export function nodePath<S>(flat: FlatNode<S>, ...keys: readonly string[]): string {
  return flat.scope.path + pointer('nodes', flat.key, ...keys)
}

export interface Expansion<S> {
  readonly top: Scope<S>
  readonly scopes: readonly Scope<S>[]
  readonly nodes: readonly FlatNode<S>[]
}

/** Nobody nests so many; the check goes down by recursion. */
const maxDepth = 100

/** Expands a document; `maxNodes` bounds nodes and component uses together. */
export function expand<S>(
  document: Workflow,
  catalogue: Catalogue<S>,
  { maxNodes, errors, warnings }: { maxNodes: number; errors: Problems; warnings: Problems },
): Expansion<S> {
  const components = document.components ?? {}
  const scopes: Scope<S>[] = []
  const nodes: FlatNode<S>[] = []
  let count = 0

  const enter = (scope: Scope<S>, inherited: FlatNode<S>['mode']): Scope<S> => {
    scopes.push(scope)
    warnUnknownFields(scope, warnings)
    for (const [key, entry] of Object.entries(scope.graph.nodes)) {
      count++
      if (count > maxNodes) break
      const id = scope.prefix + key
      const mode = inherited === 'mute' ? 'mute' : (entry.mode ?? 'run')
      const at = { path: scope.path + pointer('nodes', key), node: id }
      if (key === '' || key.includes('/')) {
        errors.add('check/bad-node-id', { ...at, rule: 'a node id that is not empty and holds no "/"', value: key })
      }
      const name = entry.type.startsWith('component/') ? entry.type.slice('component/'.length) : undefined
      const component = name !== undefined && Object.hasOwn(components, name) ? components[name]! : undefined
      if (name !== undefined && component && mode !== 'bypass') {
        const stack = [...scope.stack, name]
        if (scope.stack.includes(name)) {
          const rule = 'a component that does not use itself'
          errors.add('check/recursive-component', { ...at, path: `${at.path}/type`, rule, value: stack.join(' → ') })
          addNode(scope, key, entry, undefined, mode)
          continue
        }
        if (stack.length > maxDepth) {
          const rule = `at most ${maxDepth} components, one in another`
          errors.add('check/too-deep', { ...at, path: `${at.path}/type`, rule, value: stack.length })
          addNode(scope, key, entry, undefined, mode)
          continue
        }
        const prefix = `${id}/`
        const use = { id, path: at.path, entry }
        scope.inner.set(key, enter(newScope(component, pointer('components', name), { prefix, stack, use }), mode))
        continue
      }
      const node = component ? borderOf<S>(component, catalogue) : catalogue.find(entry.type)
      if (!node) reportUnknownType(entry.type, at, name, Object.keys(components))
      addNode(scope, key, entry, node, mode)
    }
    return scope
  }

  const addNode = (
    scope: Scope<S>,
    key: string,
    entry: WorkflowNode,
    node: Node<S> | undefined,
    mode: FlatNode<S>['mode'],
  ): void => {
    const flat = { index: nodes.length, id: scope.prefix + key, key, scope, entry, node, mode }
    scope.nodes.set(key, flat)
    nodes.push(flat)
  }

  const reportUnknownType = (
    type: string,
    at: { path: string; node: string },
    component: string | undefined,
    known: readonly string[],
  ): void => {
    const path = `${at.path}/type`
    if (component !== undefined) {
      const suggest = () => {
        const near = nearest(component, known)
        return near === undefined ? undefined : `component/${near}`
      }
      const rule = 'a component that the document defines'
      errors.add('check/unknown-component', { ...at, path, rule, value: type, suggest })
      return
    }
    const suggest = () =>
      nearest(
        type,
        catalogue.nodes.map((node) => node.type),
      ) // prettier names win over former ones
    errors.add('check/unknown-type', { ...at, path, rule: 'a node type of the catalogue', value: type, suggest })
  }

  const top = enter(newScope<S>(document, '', { prefix: '', stack: [] }), 'run')
  if (count > maxNodes) {
    const rule = `at most ${maxNodes} nodes with all components expanded`
    errors.add('check/too-many-nodes', { path: '/nodes', rule, value: count })
  }
  return { top, scopes, nodes }
}

function newScope<S>(
  graph: Workflow | Component,
  path: string,
  place: Pick<Scope<S>, 'prefix' | 'stack' | 'use'>,
): Scope<S> {
  return { graph, path, ...place, nodes: new Map(), inner: new Map(), fed: new Set() }
}

/** A bypassed component is not expanded; it only needs its border, to be wired around like any node. */
function borderOf<S>(component: Component, catalogue: Catalogue<S>): Node<S> {
  const ports = (declared: Record<string, { type: string }> | undefined): Record<string, Port<unknown>> => {
    const entries = Object.entries(declared ?? {}).flatMap(([name, { type }]) => {
      const valueType = parseTypeName(type, catalogue)
      return valueType ? [[name, { type: valueType.type, list: valueType.list, optional: true }] as const] : []
    })
    return Object.fromEntries(entries)
  }
  const inputs = ports(component.inputs)
  const outputs = ports(component.outputs)
  return completeNode({ type: 'border/component', version: 1, title: '', inputs, outputs, run: () => ({}) }) as Node<S>
}

function warnUnknownFields<S>({ graph, path, stack }: Scope<S>, warnings: Problems): void {
  const warn = (value: object, known: ReadonlySet<string>, ...keys: readonly (string | number)[]): void => {
    for (const key of Object.keys(value)) {
      if (known.has(key)) continue
      const rule = 'a known field (it is kept when saved)'
      warnings.add('check/unknown-field', {
        path: path + pointer(...keys, key),
        rule,
        value: key,
        suggest: () => nearest(key, known),
      })
    }
  }
  warn(graph, stack.length === 0 ? knownFields.workflow : knownFields.component)
  for (const [key, entry] of Object.entries(graph.nodes)) warn(entry, knownFields.node, 'nodes', key)
  graph.links?.forEach((link, index) => {
    warn(link, knownFields.link, 'links', index)
  })
}
