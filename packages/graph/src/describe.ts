/** The catalogue as plain JSON: all that an editor or a command line may know about nodes. */
import type { Catalogue } from './catalogue.js'
import type { JsonObject, JsonValue } from './json.js'
import type { Node } from './node.js'
import type { Port } from './port.js'

export interface SocketTypeDescription {
  name: string
  title: string
  color: string
  /** Names of types whose values are converted to this one. */
  acceptsFrom: string[]
  /** Whether a value can be given by name from outside. */
  givable: boolean
}

export interface PortDescription {
  name: string
  type: string
  title: string
  description: string
  optional: boolean
  many: boolean
  lazy: boolean
  list: boolean
}

export interface ParamDescription {
  name: string
  kind: string
  /** Socket type of a link that may drive it. */
  type: string
  title: string
  description: string
  /** Absent when a value is required. */
  default?: JsonValue
  /** min, max, step, multiline, choices, extensions… as declared. */
  options: JsonObject
}

export interface NodeDescription {
  type: string
  version: number
  title: string
  description: string
  category: string
  resource: string
  effect: boolean
  volatile: boolean
  aliases: string[]
  inputs: PortDescription[]
  params: ParamDescription[]
  outputs: PortDescription[]
}

export interface CatalogueDescription {
  socketTypes: SocketTypeDescription[]
  nodes: NodeDescription[]
}

/** Describes every node and socket type; the result is JSON. */
export function describeCatalogue<S>(catalogue: Catalogue<S>): CatalogueDescription {
  return {
    socketTypes: catalogue.socketTypes.map((type) => ({
      name: type.name,
      title: type.title,
      color: type.color,
      acceptsFrom: type.acceptsFrom.map((widening) => widening.from.name),
      givable: type.parse !== undefined,
    })),
    nodes: catalogue.nodes.map((node) => describeNode(node)),
  }
}

/** Describes one node type; the result is JSON. */
export function describeNode<S>(node: Node<S>): NodeDescription {
  return {
    type: node.type,
    version: node.version,
    title: node.title,
    description: node.description,
    category: node.category,
    resource: node.resource,
    effect: node.effect,
    volatile: node.volatile,
    aliases: [...node.aliases],
    inputs: Object.entries(node.inputs).map(describePort),
    params: Object.entries(node.params).map(([name, param]) => {
      const { title = spacedName(name), description = '', ...options } = param.options as JsonObject
      return {
        name,
        kind: param.kind,
        type: param.type.name,
        title: title as string,
        description: description as string,
        ...(param.defaultValue !== undefined && { default: param.toJson(param.defaultValue) }),
        options,
      }
    }),
    outputs: Object.entries(node.outputs).map(describePort),
  }
}

function describePort([name, port]: [string, Port<unknown>]): PortDescription {
  return {
    name,
    type: port.type.name,
    title: port.title ?? spacedName(name),
    description: port.description ?? '',
    optional: port.optional ?? false,
    many: port.many ?? false,
    lazy: port.lazy ?? false,
    list: port.list ?? false,
  }
}

/** `maxShift` → `Max shift`. */
function spacedName(name: string): string {
  const words = name.replace(/[A-Z0-9]+/g, (part) => ` ${part.toLowerCase()}`).trim()
  return words.charAt(0).toUpperCase() + words.slice(1)
}
