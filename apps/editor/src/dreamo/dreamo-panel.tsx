/** References, prompt and routing of a DreamO workflow at one glance. */
import type { Workspace } from '../app/workspace.js'
import { Panel } from '../panels/panel.js'

export function DreamoPanel({ workspace }: { readonly workspace: Workspace }) {
  return (
    <Panel title="References" side="right" workspace={workspace}>
      <p className="panel-empty">No references yet.</p>
    </Panel>
  )
}
