/** Every step of the document by its name; a click goes back to it, or forward again. */
import { Icon } from '../app/icons.js'
import type { Workspace } from '../app/workspace.js'
import { useSelect } from '../state/use-select.js'
import { Panel } from './panel.js'
import { Revisions } from './revisions.js'

export function HistoryPanel({ workspace }: { readonly workspace: Workspace }) {
  const tab = useSelect(workspace.page, () => workspace.tab)
  useSelect(tab.store, (state) => state)
  const { history, future } = tab.store
  const steps = ['Opened', ...history.map(({ name }) => name), ...future.toReversed().map(({ name }) => name)]
  return (
    <Panel title="History" side="right" workspace={workspace}>
      <ol className="history">
        {steps.map((name, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a step is known by its place in the history
          <li key={index}>
            <button
              type="button"
              aria-current={index === history.length ? 'step' : undefined}
              className={index > history.length ? 'undone' : ''}
              onClick={() => tab.store.goTo(index)}
            >
              {index === history.length ? <Icon name="chevron" size={11} /> : <span className="icon-space" />}
              {name}
            </button>
          </li>
        ))}
      </ol>
      <h3>Revisions</h3>
      <Revisions workspace={workspace} tab={tab} />
    </Panel>
  )
}
