// The graph that both engines run: plain data, so that neither has an advantage.

export interface FlowNode {
  readonly id: string
  /** start: a number; step: one input; join: `a` to `d`, as many as it has sources. All of them pass on what `a` brings. */
  readonly kind: 'start' | 'step' | 'join'
  readonly from: readonly string[]
}

export const joinInputs = ['a', 'b', 'c', 'd'] as const

const blocksInARow = 10

/**
 * Blocks of 20 nodes, shaped as flows are: a chain of 9 (load, adapt, encode, …), a fan of 8 from its end (references,
 * variants), two joins of 4 and one of both. Ten blocks hang one behind the other, so the longest way is 120 nodes; rows
 * stand side by side, and the last join of each is a result.
 */
export function flow(nodeCount: number): FlowNode[] {
  const nodes: FlowNode[] = []
  for (let block = 0; block < nodeCount / 20; block++) {
    const name = (part: string): string => `b${block}-${part}`
    const opens = block % blocksInARow === 0
    nodes.push({ id: name('c0'), kind: opens ? 'start' : 'step', from: opens ? [] : [`b${block - 1}-end`] })
    for (let i = 1; i < 9; i++) nodes.push({ id: name(`c${i}`), kind: 'step', from: [name(`c${i - 1}`)] })
    const fan = Array.from({ length: 8 }, (_, i) => name(`f${i}`))
    for (const id of fan) nodes.push({ id, kind: 'step', from: [name('c8')] })
    nodes.push({ id: name('j0'), kind: 'join', from: fan.slice(0, 4) })
    nodes.push({ id: name('j1'), kind: 'join', from: fan.slice(4) })
    nodes.push({ id: name('end'), kind: 'join', from: [name('j0'), name('j1')] })
  }
  return nodes
}

/** Nodes that nothing else uses. */
export function resultsOf(nodes: readonly FlowNode[]): string[] {
  const used = new Set(nodes.flatMap(({ from }) => from))
  return nodes.filter(({ id }) => !used.has(id)).map(({ id }) => id)
}
