/** A large workflow of real nodes, for benches and tests: columns of resizing, masks and joins, each row fed by the one before. */
import { printWorkflow, readWorkflow, type Workflow } from '@dreamgraph/graph'

/** `links` may not exceed twice the nodes. */
export function bigWorkflow({ nodes, links }: { nodes: number; links: number }): Workflow {
  const columns = Math.ceil(Math.sqrt(nodes * 1.6))
  const types = ['image/resize', 'image/composite', 'image/crop', 'image/apply-mask', 'image/pad', 'mask/grow']
  const entries = Array.from({ length: nodes }, (_, index) => {
    const x = (index % columns) * 300
    const y = Math.floor(index / columns) * 280
    return [`node-${index}`, { type: types[index % types.length]!, version: 1, ui: { x, y } }] as const
  })
  const all = Array.from({ length: nodes * 2 }, (_, index) => {
    const from = index % nodes
    const to = (from + (index < nodes ? 1 : columns)) % nodes
    const isMask = types[from % types.length] === 'mask/grow'
    return {
      from: { node: `node-${from}`, socket: isMask ? 'mask' : 'image' },
      to: {
        node: `node-${to}`,
        socket: types[to % types.length] === 'mask/grow' ? 'mask' : index < nodes ? 'image' : 'mask',
      },
    }
  })
  return readWorkflow({
    dreamgraph: 2,
    name: 'big',
    nodes: Object.fromEntries(entries),
    links: all.slice(0, links),
  } as never)
}

export const bigWorkflowText = (size: { nodes: number; links: number }): string => printWorkflow(bigWorkflow(size))
