/** Models, and whether their weights fit. */
import type { MatchReport, ModelSummary } from '@dreamgraph/protocol'
import { useState } from 'react'
import { Icon } from '../app/icons.js'
import type { Workspace } from '../app/workspace.js'
import { useSelect } from '../state/use-select.js'
import { Panel } from './panel.js'

export function ModelsPanel({ workspace }: { readonly workspace: Workspace }) {
  const models = useSelect(workspace.server, (server) => server.models)
  return (
    <Panel title="Models" side="left" workspace={workspace}>
      {models.length === 0 && <p className="panel-empty">No models are known.</p>}
      {models.map((model) => (
        <ModelCard key={model.name} model={model} workspace={workspace} />
      ))}
    </Panel>
  )
}

function ModelCard({ model, workspace }: { readonly model: ModelSummary; readonly workspace: Workspace }) {
  const [report, setReport] = useState<MatchReport | 'busy' | undefined>(undefined)
  const look = async (): Promise<void> => {
    setReport('busy')
    setReport(await workspace.attempt(() => workspace.backend.modelReport(model.name)))
  }
  return (
    <article className="model">
      <header>
        <strong>{model.name}</strong>
        {model.shipped && <span className="badge">comes along</span>}
        <span className="spring" />
        <span className="dim">{sizeText(model.sizeBytes)}</span>
      </header>
      {model.problem && (
        <p className="bad-text">
          <Icon name="problem" size={12} /> {model.problem}
        </p>
      )}
      {typeof report === 'object' && (
        <ul className="report">
          {report.components.map(({ component, tensors, missing, unused }) => (
            <li key={component} className={missing.length > 0 ? 'bad-text' : ''}>
              <Icon name={missing.length > 0 ? 'problem' : 'check'} size={12} />
              {component}
              <span className="dim">
                {missing.length > 0
                  ? `${missing.length} missing: ${missing.slice(0, 3).join(', ')}`
                  : fitOf(tensors, unused.length)}
              </span>
            </li>
          ))}
          {report.presets.map(({ preset, isFine, message }) => (
            <li key={preset}>
              <Icon name={isFine ? 'check' : 'close'} size={12} />
              preset {preset}
              <span className="dim">{isFine ? 'fits' : (message ?? 'does not fit')}</span>
            </li>
          ))}
        </ul>
      )}
      <button type="button" className="link" disabled={report === 'busy'} onClick={() => void look()}>
        {report === 'busy' ? 'Looking…' : report === undefined ? 'Do its weights fit?' : 'Look again'}
      </button>
    </article>
  )
}

function sizeText(bytes: number): string {
  return bytes >= 1e9 ? `${(bytes / 1e9).toFixed(1)} GB` : `${Math.max(1, Math.round(bytes / 1e6))} MB`
}

/** Tokenizers and schedules have files, but no tensors. */
const fitOf = (tensors: number, unused: number): string =>
  tensors === 0 ? 'there' : `${tensors} tensors fit${unused > 0 ? `, ${unused} unused` : ''}`
