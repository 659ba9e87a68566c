/** The catalogue: every node type a program knows, by name and former name, with the socket types they use. */
import type { Node } from './node.js'
import { primitiveTypes } from './primitives.js'
import type { SocketType } from './socket-type.js'

export interface Catalogue<S> {
  /** By type name, or by a former name. */
  find(type: string): Node<S> | undefined
  findType(name: string): SocketType<unknown> | undefined
  /** In the order given. */
  readonly nodes: readonly Node<S>[]
  readonly socketTypes: readonly SocketType<unknown>[]
}

/** Collects nodes; two nodes of one name, or two socket types of one name, are our own bug and throw. */
export function catalogue<S>(nodes: readonly Node<S>[]): Catalogue<S> {
  const byName = new Map<string, Node<S>>()
  const types = new Map(primitiveTypes.map((type) => [type.name, type]))
  for (const node of nodes) {
    for (const name of [node.type, ...node.aliases]) {
      if (byName.has(name)) throw new Error(`internal: two nodes are named "${name}"`)
      byName.set(name, node)
    }
    for (const { type } of [...Object.values(node.inputs), ...Object.values(node.outputs)]) {
      const known = types.get(type.name)
      if (known && known !== type) throw new Error(`internal: two socket types are named "${type.name}" (${node.type})`)
      types.set(type.name, type)
    }
  }
  return {
    find: (type) => byName.get(type),
    findType: (name) => types.get(name),
    nodes: [...nodes],
    socketTypes: [...types.values()],
  }
}
