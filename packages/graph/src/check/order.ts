/** Topological order, and the cycle that prevents one. */

export interface Edge {
  readonly from: number
  readonly to: number
}

/** Orders `count` nodes so that each stands after those it needs; ties keep document order. A cycle comes back closed: [a, b, a]. */
export function order(count: number, edges: readonly Edge[]): { order: Int32Array } | { cycle: number[] } {
  // Edges grouped by source in two flat arrays: no allocation per node.
  const start = new Int32Array(count + 1)
  const pending = new Int32Array(count)
  for (const { from, to } of edges) {
    start[from + 1]!++
    pending[to]!++
  }
  for (let node = 0; node < count; node++) start[node + 1]! += start[node]!
  const next = start.slice(0, count)
  const targets = new Int32Array(edges.length)
  for (const { from, to } of edges) targets[next[from]!++] = to

  const sorted = new Int32Array(count)
  let filled = 0
  for (let node = 0; node < count; node++) if (pending[node] === 0) sorted[filled++] = node
  for (let done = 0; done < filled; done++) {
    const node = sorted[done]!
    for (let edge = start[node]!; edge < start[node + 1]!; edge++) {
      if (--pending[targets[edge]!]! === 0) sorted[filled++] = targets[edge]!
    }
  }
  return filled === count ? { order: sorted } : { cycle: findCycle(edges, pending) }
}

/** Walks backwards among the nodes that were never free: each has an unfree source, so some node comes twice. */
function findCycle(edges: readonly Edge[], pending: Int32Array): number[] {
  const sourceOf = new Map<number, number>()
  for (const { from, to } of edges) if (pending[from]! > 0 && pending[to]! > 0) sourceOf.set(to, from)
  const seenAt = new Map<number, number>()
  const walk: number[] = []
  let node = sourceOf.keys().next().value!
  while (!seenAt.has(node)) {
    seenAt.set(node, walk.length)
    walk.push(node)
    node = sourceOf.get(node)!
  }
  const cycle = walk.slice(seenAt.get(node)).reverse()
  const first = cycle.indexOf(cycle.reduce((least, other) => Math.min(least, other))) // start where the document does
  return [...cycle.slice(first), ...cycle.slice(0, first + 1)]
}
