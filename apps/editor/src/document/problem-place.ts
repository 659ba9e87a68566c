/** What a problem's JSON pointer points to: a param, an input, a link. The checker's ids name uses; pointers name definitions. */
import type { Problem } from '@dreamgraph/graph'
import type { GraphName } from './graph.js'

export interface ProblemPlace {
  /** The graph that the pointer leads into. */
  readonly graph: GraphName
  readonly node?: string
  readonly param?: string
  /** A declared input of the graph. */
  readonly input?: string
  /** Position in the graph's links. */
  readonly link?: number
}

export function placeOf(path: string): ProblemPlace {
  const parts = path.split('/').slice(1).map(unescaped)
  const graph = parts[0] === 'components' && parts[1] !== undefined ? parts[1] : null
  const [list, key, field, name] = graph === null ? parts : parts.slice(2)
  if (key === undefined) return { graph }
  if (list === 'inputs') return { graph, input: key }
  if (list === 'links') return { graph, link: Number(key) }
  if (list !== 'nodes') return { graph }
  return { graph, node: key, ...(field === 'params' && name !== undefined && { param: name }) }
}

/** Name of the param or input that a problem is about. */
export const fieldOf = ({ param, socket, path }: Pick<Problem, 'param' | 'socket' | 'path'>): string | undefined =>
  param ?? socket ?? placeOf(path).param

/** What is wrong, without where: that is said by the place at which it stands. */
export function withoutPlace(message: string): string {
  const said = /: (expected .*)$/s.exec(message)?.[1] ?? message
  return `${said.charAt(0).toUpperCase()}${said.slice(1)}`
}

/** RFC 6901. */
const unescaped = (part: string): string => part.replaceAll('~1', '/').replaceAll('~0', '~')
