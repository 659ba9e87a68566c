/** What a node of the document shows: its type's sockets and params, a component's border, or what an unknown node seems to have. */
import type { Component, NodeDescription, ParamDescription, PortDescription, Workflow } from '@dreamgraph/graph'
import { componentOf, type Graph, type GraphName, graphOf } from '../document/graph.js'
import { bareType, type Goal, inputGoal, type NodeCatalogue, paramGoal, type SocketValue } from './catalogue.js'

export interface Face {
  readonly type: string
  readonly title: string
  readonly description: string
  readonly category: string
  readonly inputs: readonly PortDescription[]
  readonly params: readonly ParamDescription[]
  readonly outputs: readonly PortDescription[]
  readonly effect: boolean
  /** Name of the component that it uses. */
  readonly component?: string
  /** False: no such node type is known. */
  readonly isKnown: boolean
}

const ofType = new WeakMap<NodeDescription, Face>()
const ofComponent = new WeakMap<Component, Face>()

export function faceOf(workflow: Workflow, graph: GraphName, id: string, catalogue: NodeCatalogue): Face {
  const target = graphOf(workflow, graph)
  const { type } = target.nodes[id]!
  const known = catalogue.find(type)
  if (known) return typeFace(known)
  const name = componentOf(type)
  const components = workflow.components ?? {}
  const component = name !== undefined && Object.hasOwn(components, name) ? components[name] : undefined
  if (component) return componentFace(name!, component, workflow, catalogue)
  return unknownFace(target, id)
}

function typeFace(node: NodeDescription): Face {
  const cached = ofType.get(node)
  if (cached) return cached
  const face = { ...node, isKnown: true }
  ofType.set(node, face)
  return face
}

/** Declared inputs that lead to params are params of the component: they keep kind and range of the innermost one. */
function componentFace(name: string, component: Component, workflow: Workflow, catalogue: NodeCatalogue): Face {
  const cached = ofComponent.get(component)
  if (cached) return cached
  const inputs: PortDescription[] = []
  const params: ParamDescription[] = []
  for (const [key, input] of Object.entries(component.inputs ?? {})) {
    const { type, list } = bareType(input.type)
    const title = input.title ?? key
    const description = input.description ?? ''
    const target = input.to[0]
    const inner = target?.param === undefined ? undefined : paramOf(workflow, component, target, catalogue)
    if (inner && !list) {
      const fallback = input.default ?? component.nodes[target!.node]?.params?.[target!.param!] ?? inner.default
      params.push({ ...inner, name: key, title, description, ...(fallback !== undefined && { default: fallback }) })
    } else inputs.push({ ...port(key, type, title), description, list, optional: input.default !== undefined })
  }
  const outputs = Object.entries(component.outputs ?? {}).map(([key, output]) => {
    const { type, list } = bareType(output.type)
    return { ...port(key, type, output.title ?? key), list, description: output.description ?? '' }
  })
  const face: Face = {
    type: `component/${name}`,
    title: component.title ?? name,
    description: component.description ?? '',
    category: 'component',
    inputs,
    params,
    outputs,
    effect: false,
    component: name,
    isKnown: true,
  }
  ofComponent.set(component, face)
  return face
}

function paramOf(
  workflow: Workflow,
  component: Component,
  { node, param }: { readonly node: string; readonly param?: string },
  catalogue: NodeCatalogue,
  depth = 0,
): ParamDescription | undefined {
  const type = component.nodes[node]?.type
  if (type === undefined || depth > 20) return undefined
  const known = catalogue.find(type)
  if (known) return known.params.find(({ name }) => name === param)
  const inner = workflow.components?.[componentOf(type) ?? '']
  const next = param === undefined ? undefined : inner?.inputs?.[param]?.to[0]
  return inner && next ? paramOf(workflow, inner, next, catalogue, depth + 1) : undefined
}

/** The sockets of an unknown node are those that its links name; its params are shown as JSON and kept. */
function unknownFace(graph: Graph, id: string): Face {
  const node = graph.nodes[id]!
  const params = Object.entries(node.params ?? {}).map(([name]) => ({
    name,
    kind: 'json',
    type: 'json',
    title: name,
    description: '',
    options: {},
  }))
  const names = (end: 'from' | 'to'): string[] => [
    ...new Set((graph.links ?? []).filter((link) => link[end].node === id).map((link) => link[end].socket)),
  ]
  const driven = new Set(params.map(({ name }) => name))
  return {
    type: node.type,
    title: node.type,
    description: 'No node of this type is known here. It is kept as it is.',
    category: 'unknown',
    inputs: names('to')
      .filter((name) => !driven.has(name))
      .map((name) => port(name, 'unknown', name)),
    params,
    outputs: names('from').map((name) => port(name, 'unknown', name)),
    effect: false,
    isKnown: false,
  }
}

const port = (name: string, type: string, title: string): PortDescription => ({
  name,
  type,
  title,
  description: '',
  optional: false,
  many: false,
  lazy: false,
  list: false,
})

export function goalOf(face: Face, name: string): (Goal & { readonly kind: 'param' | 'input' }) | undefined {
  const input = face.inputs.find((port) => port.name === name)
  if (input) return { ...inputGoal(input), kind: 'input' }
  const param = face.params.find((given) => given.name === name)
  return param && { ...paramGoal(param), kind: 'param' }
}

export function outputOf(face: Face, name: string): SocketValue | undefined {
  return face.outputs.find((port) => port.name === name)
}
