/** What one can see of training: sheets of its data, and the pictures that the flow paints with what was learnt. */
import type { Tab } from '../app/tab.js'
import type { Workspace } from '../app/workspace.js'
import { findGraph, type Graph } from '../document/graph.js'
import { useSelect } from '../state/use-select.js'

export function SampleSheets({ workspace, tab }: { readonly workspace: Workspace; readonly tab: Tab }) {
  const graph = useSelect(tab.store, ({ document }) => findGraph(document, tab.graph))
  const urls = useSelect(tab.run, () => workspace.picturesOf(tab).urls())
  if (!graph) return null
  const about = aboutTraining(graph)
  const shown = [...urls].filter(([id]) => about.has(id))
  if (shown.length === 0) return null
  return (
    <>
      <h3>Sample sheets</h3>
      {shown.map(([id, url]) => (
        <figure className="sample-sheet" key={id}>
          <img src={url} alt={`${graph.nodes[id]?.title ?? id}: newest`} />
          <figcaption>
            <button type="button" className="link" onClick={() => tab.select([id])}>
              {graph.nodes[id]?.title ?? id}
            </button>
          </figcaption>
        </figure>
      ))}
    </>
  )
}

/** Nodes of training, and all that hangs on one of them. */
function aboutTraining(graph: Graph): Set<string> {
  const found = new Set(Object.keys(graph.nodes).filter((id) => graph.nodes[id]!.type.startsWith('train/')))
  for (let size = -1; size !== found.size; ) {
    size = found.size
    for (const { from, to } of graph.links ?? []) if (found.has(from.node)) found.add(to.node)
  }
  return found
}
