/** The selected node with all its fields, or what the workflow as a whole takes and gives. */
import { Icon } from '../app/icons.js'
import type { Tab } from '../app/tab.js'
import type { Workspace } from '../app/workspace.js'
import { findGraph } from '../document/graph.js'
import { useSelect } from '../state/use-select.js'
import { FrameDetails } from './frame-details.js'
import { NodeDetails } from './node-details.js'
import { Panel } from './panel.js'
import { WorkflowDetails } from './workflow-details.js'

export function DetailsPanel({ workspace }: { readonly workspace: Workspace }) {
  const tab = useSelect(workspace.page, () => workspace.tab)
  const { nodes, graph, frame } = useSelect(tab.view, (view) => view)
  const target = useSelect(tab.store, ({ document }) => findGraph(document, graph))
  const ids = [...nodes].filter((id) => target && Object.hasOwn(target.nodes, id))
  const [only] = ids
  if (ids.length === 1 && only !== undefined) {
    return (
      <Panel title="Node" side="right" workspace={workspace} className="details">
        <NodeDetails key={`${tab.id} ${graph} ${only}`} workspace={workspace} tab={tab} id={only} />
      </Panel>
    )
  }
  if (ids.length === 0 && frame && target?.[frame.kind]?.[frame.index]) {
    const title = frame.kind === 'groups' ? 'Group' : 'Note'
    return (
      <Panel title={title} side="right" workspace={workspace} className="details">
        <FrameDetails tab={tab} kind={frame.kind} index={frame.index} />
      </Panel>
    )
  }
  return (
    <Panel
      title={ids.length > 1 ? `${ids.length} nodes` : graph === null ? 'Workflow' : 'Component'}
      side="right"
      workspace={workspace}
      className="details"
    >
      {ids.length > 1 ? <Several tab={tab} ids={ids} /> : <WorkflowDetails workspace={workspace} tab={tab} />}
    </Panel>
  )
}

function Several({ tab, ids }: { readonly tab: Tab; readonly ids: readonly string[] }) {
  return (
    <ul className="several">
      {ids.map((id) => (
        <li key={id}>
          <button type="button" className="link" onClick={() => tab.select([id])}>
            <Icon name="chevron" size={10} /> {id}
          </button>
        </li>
      ))}
    </ul>
  )
}
