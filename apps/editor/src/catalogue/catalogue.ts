/** The server's catalogue, indexed: what there is to add, and what each node type looks like. */
import type {
  CatalogueDescription,
  NodeDescription,
  ParamDescription,
  PortDescription,
  SocketTypeDescription,
} from '@dreamgraph/graph'

export interface NodeCatalogue {
  readonly description: CatalogueDescription
  readonly nodes: readonly NodeDescription[]
  /** Node type by name or former name. */
  find(type: string): NodeDescription | undefined
  socketType(name: string): SocketTypeDescription | undefined
  /** Colour of a socket type; grey where it is unknown. */
  color(type: string): string
}

export function nodeCatalogue(description: CatalogueDescription): NodeCatalogue {
  const nodes = new Map<string, NodeDescription>()
  for (const node of description.nodes) for (const name of [node.type, ...node.aliases]) nodes.set(name, node)
  const types = new Map(description.socketTypes.map((type) => [type.name, type]))
  return {
    description,
    nodes: description.nodes,
    find: (type) => nodes.get(type),
    socketType: (name) => types.get(name),
    color: (name) => types.get(bareType(name).type)?.color ?? '#8a8f98',
  }
}

/** A value type as it stands at a socket. */
export interface SocketValue {
  readonly type: string
  readonly list: boolean
}

/** `list<image>` → image, list. */
export function bareType(name: string): SocketValue {
  const inner = /^list<(.+)>$/.exec(name)?.[1]
  return { type: inner ?? name, list: inner !== undefined }
}

export const typeName = ({ type, list }: SocketValue): string => (list ? `list<${type}>` : type)

/** Something a link can go into: an input, or a param that it would drive. */
export interface Goal extends SocketValue {
  readonly name: string
  readonly many: boolean
}

export const inputGoal = ({ name, type, list, many }: PortDescription): Goal => ({ name, type, list, many })
export const paramGoal = ({ name, type }: ParamDescription): Goal => ({ name, type, list: false, many: false })
export const goalsOf = (node: Pick<NodeDescription, 'inputs' | 'params'>): Goal[] => [
  ...node.inputs.map(inputGoal),
  ...node.params.map(paramGoal),
]
