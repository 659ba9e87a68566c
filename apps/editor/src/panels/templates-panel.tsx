/** Workflows to begin with, and those that were saved. */
import { useState } from 'react'
import { Icon } from '../app/icons.js'
import type { Workspace } from '../app/workspace.js'
import { useSelect } from '../state/use-select.js'
import { Panel } from './panel.js'

export function TemplatesPanel({ workspace }: { readonly workspace: Workspace }) {
  const workflows = useSelect(workspace.server, (server) => server.workflows)
  const [query, setQuery] = useState('')
  const word = query.trim().toLowerCase()
  const found = workflows.filter(({ title, description }) => `${title} ${description}`.toLowerCase().includes(word))
  const list = (isTemplate: boolean) =>
    found
      .filter(({ template }) => template === isTemplate)
      .map(({ name, title, description, picture, head }) => (
        <button type="button" key={name} className="card" onClick={() => void workspace.openWorkflow(name)}>
          {picture ? (
            <img src={workspace.backend.thumbnailUrl(picture)} alt="" />
          ) : (
            <span className="card-blank" aria-hidden="true">
              <Icon name={isTemplate ? 'template' : 'file'} size={20} />
            </span>
          )}
          <span className="card-text">
            <strong>{title}</strong>
            {!isTemplate && <span className="dim">revision {head}</span>}
            <span className="dim clamp">{description}</span>
          </span>
        </button>
      ))
  const saved = list(false)
  return (
    <Panel title="Workflows" side="left" workspace={workspace}>
      <input
        className="search"
        type="search"
        placeholder="Search workflows"
        aria-label="Search workflows"
        value={query}
        onChange={(event) => setQuery(event.target.value)}
      />
      {saved.length > 0 && <h3>Saved</h3>}
      {saved}
      <h3>Templates</h3>
      {list(true)}
    </Panel>
  )
}
