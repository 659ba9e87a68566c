/** Which DreamO: v1, v1.1 or the small model's, with turbo or without; and whether the model has the weights for it. */
import type { MatchReport } from '@dreamgraph/protocol'
import { useEffect, useState } from 'react'
import { Icon } from '../app/icons.js'
import type { Tab } from '../app/tab.js'
import type { Workspace } from '../app/workspace.js'
import type { Graph } from '../document/graph.js'
import { setParam } from '../document/recipes/params.js'
import { modelOf, nodesOfType, nodeTypes, readParam } from './references.js'

interface PresetChooserProps {
  readonly workspace: Workspace
  readonly tab: Tab
  readonly graph: Graph
}

export function PresetChooser({ workspace, tab, graph }: PresetChooserProps) {
  const { catalogue } = workspace
  const [node] = nodesOfType(graph, nodeTypes.preset)
  const model = node === undefined ? undefined : modelOf(graph, catalogue, node)
  const report = useReport(workspace, model)
  const versions = catalogue.find(nodeTypes.preset)?.params.find(({ name }) => name === 'version')?.options.choices
  if (node === undefined || !Array.isArray(versions)) return null
  const version = String(readParam(graph, catalogue, node, 'version'))
  const turbo = readParam(graph, catalogue, node, 'turbo') === true
  // The small model was trained as it is: it knows no turbo.
  const nameOf = (choice: string): string => (turbo && choice !== 'mini' ? `${choice} with turbo` : choice)
  const found = (choice: string) => report?.presets.find(({ preset }) => preset === nameOf(choice))
  const now = found(version)
  return (
    <fieldset className="presets">
      <legend>DreamO preset{model !== undefined && <span className="dim"> on {model}</span>}</legend>
      {(versions as string[]).map((choice) => {
        const fit = found(choice)
        return (
          <label key={choice} title={fit && !fit.isFine ? fit.message : undefined}>
            <input
              type="radio"
              name={`preset-${tab.id}`}
              checked={choice === version}
              onChange={() => tab.apply(setParam(tab.graph, { node, param: 'version', title: 'Version' }, choice))}
            />
            {choice}
            {fit && (
              <span className={fit.isFine ? 'good-text' : 'bad-text'}>
                <Icon name={fit.isFine ? 'check' : 'close'} size={11} />
                <span className="spoken">{fit.isFine ? 'weights fit' : 'weights do not fit'}</span>
              </span>
            )}
          </label>
        )
      })}
      <label>
        <input
          type="checkbox"
          checked={turbo && version !== 'mini'}
          disabled={version === 'mini'}
          onChange={() => tab.apply(setParam(tab.graph, { node, param: 'turbo', title: 'Turbo' }, !turbo))}
        />
        turbo
      </label>
      {now && !now.isFine && <p className="bad-text">{now.message ?? 'Its weights do not fit.'}</p>}
    </fieldset>
  )
}

/** Whether the weights of a model, and of each preset on it, fit; undefined while nobody knows. */
function useReport(workspace: Workspace, model: string | undefined): MatchReport | undefined {
  const [report, setReport] = useState<MatchReport | undefined>(undefined)
  useEffect(() => {
    setReport(undefined)
    const isKnown = workspace.server.state.models.some(({ name }) => name === model)
    if (model === undefined || !isKnown) return
    let isGone = false
    workspace.backend.modelReport(model).then(
      (found) => !isGone && setReport(found),
      () => undefined, // a model that is gone has nothing to report
    )
    return () => {
      isGone = true
    }
  }, [workspace, model])
  return report
}
