/** Everything a user can do wrong with a graph: one table of codes, one error class, one record for one finding. */

/** code → what it means. Codes are stable: tools may match on them. */
export const graphErrors = {
  'document/too-large': 'The text, its nesting or its counts exceed the configured limits.',
  'document/not-json': 'The text is not JSON.',
  'document/duplicate-key': 'An object in the text names the same key twice.',
  'document/not-a-workflow': 'The value is JSON but has no integer schema version under "dreamgraph".',
  'document/newer-version': 'The document was written by a newer schema version than this program knows.',
  'document/shape': 'A field of the document has the wrong JSON type.',
  'check/unknown-type': 'No node of that type is in the catalogue.',
  'check/unknown-component': 'The document defines no component of that name.',
  'check/recursive-component': 'A component uses itself, directly or through others.',
  'check/too-deep': 'Components lie in more components, one in another, than the limit.',
  'check/too-many-nodes': 'The components expand to more nodes than the limit.',
  'check/bad-node-id': 'A node id is empty or contains "/".',
  'check/node-too-new': 'The node was saved by a newer version of its type than the catalogue has.',
  'check/migration-failed': 'The params of an old node could not be brought to the current version.',
  'check/unknown-param': 'The node type has no param of that name.',
  'check/param-type': 'The param has a value of the wrong type.',
  'check/param-range': 'The param is below its minimum, above its maximum or not one of its choices.',
  'check/missing-param': 'A param without default has neither a value nor a link.',
  'check/missing-node': 'A link or a declared input or output names a node that does not exist.',
  'check/unknown-socket': 'The node has no socket of that name.',
  'check/missing-input': 'A required input has no link.',
  'check/duplicate-link': 'Two links, or a link and a declared input, feed one single socket.',
  'check/type-mismatch': 'The output type cannot feed the input type.',
  'check/nested-list': 'A list would have to hold lists.',
  'check/list-lengths': 'Lists that would be zipped have different lengths.',
  'check/cycle': 'The links form a cycle.',
  'check/bypass-impossible': 'A bypassed node has no input that could stand in for a used output.',
  'check/unknown-input': 'A value was given for a workflow input that is not declared.',
  'check/missing-value': 'A workflow input has neither a value nor a default.',
  'check/input-value': 'The value given for a workflow input has the wrong type.',
  'check/unknown-socket-type': 'No socket type of that name is in the catalogue.',
  'check/declared-type': 'The declared type of a workflow input or output differs from its target.',
  'check/empty-target': 'A declared input feeds nothing.',
  'check/output-missing': 'A declared output comes from a node that is muted.',
  'check/node-migrated': 'Warning: the node was saved by an older version; its params were migrated in memory.',
  'check/unused-node': 'Warning: nothing that runs by default needs this node.',
  'check/unknown-field': 'Warning: the field is unknown; it is kept when the document is saved.',
  'check/muted-source': 'Warning: the node will not run because a node it needs is muted.',
  'run/node-failed': 'A node threw an error; see the cause.',
  'run/cancelled': 'The run was cancelled by its signal.',
  'run/unknown-target': 'A partial run names a node that is not in the plan.',
  'run/list-lengths': 'Lists of different lengths met at a node that zips them.',
  'run/param-value': 'A linked value breaks the rule of the param it drives.',
  'run/conversion': 'A value could not be converted to the type of the input it feeds.',
} as const

export type GraphErrorCode = keyof typeof graphErrors

/** One finding. `path` is a JSON pointer into the document; `node` is the id with component ids before it, `a/b`. */
export interface Problem {
  readonly code: GraphErrorCode
  readonly path: string
  readonly node?: string
  readonly socket?: string
  readonly param?: string
  readonly rule: string
  readonly value: unknown
  readonly message: string
  readonly suggestion?: string
}

/** A user's fault with a stable code. */
export class GraphError extends Error {
  readonly code: GraphErrorCode
  readonly userFault = true as const

  constructor(code: GraphErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.name = 'GraphError'
    this.code = code
  }
}

/** A text that is no workflow document; `problems` holds every finding, `code` and message those of the first. */
export class DocumentError extends GraphError {
  readonly problems: readonly Problem[]

  constructor(problems: readonly [Problem, ...Problem[]], options?: { cause?: unknown }) {
    const [first] = problems
    const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : ''
    super(first.code, first.message + more, options)
    this.name = 'DocumentError'
    this.problems = problems
  }
}
