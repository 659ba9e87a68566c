/** A catalogue that can check but not run, built from its description: problems show while one types, without the server. */
import {
  type Catalogue,
  type CatalogueDescription,
  catalogue,
  defineNode,
  type Node,
  type NodeDescription,
  type Param,
  type ParamDescription,
  type Port,
  type PortDescription,
  p,
  primitiveTypes,
  type SocketType,
  type SocketTypeDescription,
  socketType,
  type Widening,
} from '@dreamgraph/graph'

type Types = ReadonlyMap<string, SocketType<unknown>>

export function checkableCatalogue({ socketTypes, nodes }: CatalogueDescription): Catalogue<unknown> {
  const types = new Map(primitiveTypes.map((type) => [type.name, type]))
  for (const type of socketTypes) if (!types.has(type.name)) types.set(type.name, stub(type))
  // Second round: widenings may name types that come later.
  for (const { name, acceptsFrom } of socketTypes) {
    const type = types.get(name)!
    if (primitiveTypes.includes(type)) continue
    ;(type.acceptsFrom as Widening<unknown>[]).push(
      ...acceptsFrom.flatMap((from) => {
        const source = types.get(from)
        return source ? [{ from: source, convert: neverRuns }] : []
      }),
    )
  }
  return catalogue(nodes.map((node) => nodeStub(node, types)))
}

function stub({ name, title, color, givable }: SocketTypeDescription): SocketType<unknown> {
  return socketType<unknown>({
    name,
    title,
    color,
    digest: () => '',
    acceptsFrom: [],
    ...(givable && { parse: (value: unknown) => value }),
  })
}

function nodeStub(node: NodeDescription, types: Types): Node<unknown> {
  const { type, version, title, effect, volatile, aliases } = node
  const stubbed = defineNode({
    type,
    version,
    title,
    effect,
    volatile,
    aliases,
    inputs: ports(node.inputs, types),
    params: Object.fromEntries(node.params.map((param) => [param.name, paramStub(param)])),
    outputs: ports(node.outputs, types),
    run: neverRuns,
  })
  return stubbed as Node<unknown>
}

function ports(given: readonly PortDescription[], types: Types): Record<string, Port<unknown>> {
  return Object.fromEntries(
    given.map(({ name, type, optional, many, lazy, list }) => [
      name,
      { type: types.get(type) ?? primitiveTypes[0]!, optional, many, lazy, list },
    ]),
  )
}

function paramStub({ kind, options, default: value }: ParamDescription): Param<unknown> {
  const given = { ...options, ...(value !== undefined && { default: value }) } as Record<string, never>
  if (kind === 'choice') return p.choice((options.choices ?? ['']) as unknown as [string], given) as Param<unknown>
  if (kind === 'seed') {
    return p.seed(value === undefined ? {} : { default: BigInt(value as string) }) as Param<unknown>
  }
  const kinds = { int: p.int, float: p.float, text: p.text, boolean: p.boolean, file: p.file, json: p.json }
  const make = kinds[kind as keyof typeof kinds] ?? p.json
  return make(given) as Param<unknown>
}

const neverRuns = (): never => {
  throw new Error('internal: a described node cannot run')
}
