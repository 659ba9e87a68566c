/** Nodes that block, fail, choose and talk, for tests of the executor. */
import { type Catalogue, catalogue } from '../catalogue.js'
import { check } from '../check/check.js'
import type { Plan } from '../check/plan.js'
import type { Workflow } from '../document/schema.js'
import type { NodeReport } from '../execute/report.js'
import { type Node, nodeDefiner } from '../node.js'
import { p } from '../param.js'
import { kit, socket } from './kit.js'

/** Gates that tests open by hand, so that nothing depends on time. */
export class Gates {
  readonly entered: string[] = []
  running = 0
  mostRunning = 0
  readonly #open = new Map<string, () => void>()

  async pass(name: string, signal: AbortSignal): Promise<void> {
    this.entered.push(name)
    this.running++
    this.mostRunning = Math.max(this.mostRunning, this.running)
    try {
      await new Promise<void>((resolve, reject) => {
        this.#open.set(name, resolve)
        signal.addEventListener('abort', () => reject(signal.reason), { once: true })
      })
    } finally {
      this.running--
    }
  }

  async open(name: string): Promise<void> {
    while (!this.#open.has(name)) await turn()
    this.#open.get(name)!()
    await turn()
  }
}

export const turn = () => new Promise((resolve) => setImmediate(resolve))
export const define = nodeDefiner<Gates>()
const gate = (resource: 'cpu' | 'gpu' | 'io') =>
  define({
    type: `gate/${resource}`,
    version: 1,
    title: 'Gate',
    resource,
    inputs: { a: socket.int({ optional: true }) },
    params: { name: p.text({ default: '' }) },
    outputs: { value: socket.int() },
    async run({ params, ctx, services }) {
      await services.pass(params.name, ctx.signal)
      return { value: 1 }
    },
  })
const shared = define({
  type: 'gate/together',
  version: 1,
  title: 'Gate for three at once',
  resource: 'gpu',
  together: 3,
  inputs: { a: socket.int() },
  outputs: { value: socket.int() },
  async run({ inputs, ctx, services }) {
    await services.pass(`item ${inputs.a}`, ctx.signal)
    return { value: inputs.a }
  },
})
export const saved: number[] = []
const save = define({
  type: 'io/save',
  version: 1,
  title: 'Save',
  effect: true,
  inputs: { value: socket.int() },
  run({ inputs }) {
    saved.push(inputs.value)
    return {}
  },
})
const broken = define({
  type: 'bad/throw',
  version: 1,
  title: 'Throw',
  inputs: { a: socket.int({ optional: true }) },
  outputs: { value: socket.int() },
  run() {
    throw new RangeError('too bright')
  },
})
const choose = define({
  type: 'flow/switch',
  version: 1,
  title: 'Switch',
  inputs: { yes: socket.int({ lazy: true }), no: socket.int({ lazy: true }) },
  params: { which: p.boolean({ default: true }) },
  outputs: { value: socket.int() },
  run: async ({ inputs, params }) => ({ value: await (params.which ? inputs.yes() : inputs.no()) }),
})
const talk = define({
  type: 'ui/talk',
  version: 1,
  title: 'Talk',
  inputs: { a: socket.int({ optional: true }) },
  outputs: { value: socket.int() },
  run({ inputs, ctx: { progress, preview } }) {
    progress(1, 2, 'half')
    preview({ kind: 'text', text: 'hello' })
    return { value: inputs.a ?? 0 }
  },
})
const nodes: Catalogue<Gates> = catalogue<Gates>([
  ...(kit.nodes as readonly Node<Gates>[]),
  gate('cpu'),
  gate('gpu'),
  gate('io'),
  shared,
  save,
  broken,
  choose,
  talk,
])

export function planOf(document: Workflow, inputs: Record<string, unknown> = {}): Plan<Gates> {
  const result = check(document, nodes, { inputs })
  if (!result.ok) throw new Error(result.errors.map(({ message }) => message).join('\n'))
  return result.plan
}

export function statuses(reports: ReadonlyMap<string, NodeReport>): Record<string, string> {
  return Object.fromEntries([...reports].map(([id, { status }]) => [id, status]))
}

export const named = (type: string, name: string) => ({ type, params: { name } })
export const services = new Gates()
