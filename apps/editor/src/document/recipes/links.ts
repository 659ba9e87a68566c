/** Gestures on links: connect, disconnect, and the waypoints that lead a link around things. */
import type { WorkflowLink } from '@dreamgraph/graph'
import type { Recipe } from '../document-store.js'
import { type End, type Graph, type GraphName, graphOf, type Point, sameEnd, waypoints } from '../graph.js'
import { freeTarget } from './interface.js'

export interface NewLink {
  readonly from: End
  readonly to: End
  /** The input takes any number of links; else the new one replaces the old. */
  readonly many: boolean
}

export function connect(graph: GraphName, link: NewLink): Recipe {
  return { name: 'Connect', change: (draft) => addLink(graphOf(draft, graph), link) }
}

/** What `connect` does, for recipes that do more than that. */
export function addLink(target: Graph, { from, to, many }: NewLink): void {
  const links = target.links ?? []
  if (links.some((link) => sameEnd(link.from, from) && sameEnd(link.to, to))) return
  const kept = many ? links : links.filter((link) => !sameEnd(link.to, to))
  if (!many) freeTarget(target, to)
  const orders = kept.flatMap((link) => (sameEnd(link.to, to) && link.order !== undefined ? [link.order] : []))
  const order = many && orders.length > 0 ? { order: Math.max(...orders) + 1 } : {}
  const link = { from: { ...from }, to: { ...to }, ...order }
  if (target.links && kept.length === links.length) target.links.push(link)
  else target.links = [...kept, link]
}

/** `which` tells the links to remove by their ends. */
export function disconnect(graph: GraphName, which: readonly Pick<WorkflowLink, 'from' | 'to'>[]): Recipe {
  return {
    name: which.length === 1 ? 'Disconnect' : `Disconnect ${which.length} links`,
    change: (draft) => {
      const target = graphOf(draft, graph)
      const isGone = (link: WorkflowLink): boolean =>
        which.some(({ from, to }) => sameEnd(link.from, from) && sameEnd(link.to, to))
      if (target.links?.some(isGone)) target.links = target.links.filter((link) => !isGone(link))
    },
  }
}

/** Moves the target end of a link: one step, so that undo puts it back where it was. */
export function moveLink(graph: GraphName, old: Pick<WorkflowLink, 'from' | 'to'>, link: NewLink): Recipe {
  return {
    name: 'Reconnect',
    change: (draft) => {
      disconnect(graph, [old]).change(draft)
      addLink(graphOf(draft, graph), link)
    },
  }
}

/** Reroutes: the link goes through `points`, in order. None: it goes straight again. */
export function setWaypoints(
  graph: GraphName,
  ends: Pick<WorkflowLink, 'from' | 'to'>,
  points: readonly Point[],
  key?: string,
): Recipe {
  return {
    name: 'Reroute',
    ...(key !== undefined && { mergeKey: key }),
    change: (draft) => {
      const link = graphOf(draft, graph).links?.find(
        ({ from, to }) => sameEnd(from, ends.from) && sameEnd(to, ends.to),
      ) as (WorkflowLink & { ui?: { points?: Point[] } }) | undefined
      if (!link) return
      const rounded = points.map(({ x, y }) => ({ x: Math.round(x), y: Math.round(y) }))
      if (rounded.length > 0) link.ui = { ...link.ui, points: rounded }
      else if (waypoints(link).length > 0) delete link.ui
    },
  }
}
