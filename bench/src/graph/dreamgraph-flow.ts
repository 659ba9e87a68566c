// The flow as a dreamgraph workflow.
import {
  catalogue,
  check,
  defineNode,
  execute,
  type Plan,
  p,
  parseWorkflow,
  primitiveSockets,
  type ResultCache,
} from '@dreamgraph/graph'
import { type FlowNode, joinInputs } from './flow.js'

const { int } = primitiveSockets

/** Its own in every node: nodes that are equal in type, params and inputs would be answered from the cache. */
const tag = p.int()

const start = defineNode({
  type: 'bench/start',
  version: 1,
  title: 'Start',
  params: { tag },
  outputs: { value: int() },
  run: ({ params }) => ({ value: params.tag }),
})

const step = defineNode({
  type: 'bench/step',
  version: 1,
  title: 'Step',
  inputs: { a: int() },
  params: { tag },
  outputs: { value: int() },
  run: ({ inputs }) => ({ value: inputs.a }),
})

const join = defineNode({
  type: 'bench/join',
  version: 1,
  title: 'Join',
  inputs: { a: int(), b: int(), c: int({ optional: true }), d: int({ optional: true }) },
  params: { tag },
  outputs: { value: int() },
  run: ({ inputs }) => ({ value: inputs.a }),
})

const nodes = catalogue([start, step, join])

/** The workflow as it lies in a file. */
export function workflowText(flow: readonly FlowNode[]): string {
  const entries = flow.map(({ id, kind }, index) => [id, { type: `bench/${kind}`, params: { tag: index } }])
  const links = flow.flatMap(({ id, from }) =>
    from.map((source, i) => ({ from: { node: source, socket: 'value' }, to: { node: id, socket: joinInputs[i] } })),
  )
  return JSON.stringify({ dreamgraph: 2, name: 'bench', nodes: Object.fromEntries(entries), links })
}

/** Text → checked plan. */
export function planOf(text: string): Plan<unknown> {
  const checked = check(parseWorkflow(text).document, nodes)
  if (!checked.ok) throw new Error(`internal: ${checked.errors[0].message}`)
  return checked.plan
}

/** Runs all nodes and makes sure that they ran or, as told, came from the cache. The values of the results, by id. */
export async function runPlan(
  plan: Plan<unknown>,
  cache: ResultCache,
  expected: 'ran' | 'cached',
): Promise<(id: string) => unknown> {
  const { nodes: reports, value } = await execute(plan, { services: undefined, cache })
  for (const { id, status } of reports.values()) {
    if (status !== expected) throw new Error(`internal: ${id}: expected ${expected}, got ${status}`)
  }
  return (id) => value(id, 'value')
}
