/** All nodes by category, with a search; a click adds one to the middle of the view, a drag where it is dropped. */
import { useState } from 'react'
import { addAt, nodeDrag } from '../app/add-node.js'
import type { Workspace } from '../app/workspace.js'
import { metrics } from '../canvas/node-layout.js'
import { categoryColor } from '../canvas/paint-theme.js'
import { Panel } from './panel.js'

export function NodesPanel({ workspace }: { readonly workspace: Workspace }) {
  const [query, setQuery] = useState('')
  const nodes = workspace.search.find(query)
  const categories = [...new Set(nodes.map(({ category }) => category))]
  return (
    <Panel title="Nodes" side="left" workspace={workspace}>
      <input
        className="search"
        type="search"
        placeholder="Search nodes"
        aria-label="Search nodes"
        value={query}
        onChange={(event) => setQuery(event.target.value)}
      />
      {categories.map((category) => (
        <details key={category} className="category" open>
          <summary>
            <span className="option-dot" style={{ background: categoryColor(category) }} />
            {category}
          </summary>
          {nodes
            .filter((node) => node.category === category)
            .map((node) => (
              <button
                type="button"
                key={node.type}
                className="node-entry"
                title={node.description}
                draggable
                onDragStart={(event) => event.dataTransfer.setData(nodeDrag, node.type)}
                onClick={() => {
                  const { canvas } = workspace
                  if (!canvas) return
                  const { x, y } = canvas.center
                  addAt(workspace, node, { x: x - metrics.width / 2, y: y - 60 })
                }}
              >
                {node.title}
                <span className="dim">{node.type.split('/').at(-1)}</span>
              </button>
            ))}
        </details>
      ))}
    </Panel>
  )
}
