/** The buttons of the panels. */
import { useSelect } from '../state/use-select.js'
import { commandById, runCommand } from './commands.js'
import { Icon, type IconName } from './icons.js'
import { shortcutsOf, showKeys } from './shortcuts.js'
import type { Workspace } from './workspace.js'

const panels: readonly (readonly [string, IconName, string])[] = [
  ['nodes', 'add', 'Nodes'],
  ['templates', 'template', 'Templates'],
  ['queue', 'queue', 'Queue'],
  ['gallery', 'gallery', 'Gallery'],
  ['models', 'models', 'Models'],
]

export function Rail({ workspace }: { readonly workspace: Workspace }) {
  const left = useSelect(workspace.page, (page) => page.left)
  const waiting = useSelect(
    workspace.server,
    ({ jobs }) => jobs.filter(({ state }) => state === 'queued' || state === 'running').length,
  )
  return (
    <nav className="rail" aria-label="Panels">
      {panels.map(([id, icon, name]) => {
        const keys = showKeys(shortcutsOf(commandById.get(id)!)[0])
        return (
          <button
            type="button"
            key={id}
            aria-pressed={left === id}
            title={keys ? `${name} (${keys})` : name}
            onClick={() => runCommand(workspace, id)}
          >
            <Icon name={icon} size={18} />
            <span>{name}</span>
            {id === 'queue' && waiting > 0 && <span className="count">{waiting}</span>}
          </button>
        )
      })}
      <span className="spring" />
      <button type="button" title="Keyboard shortcuts (?)" onClick={() => runCommand(workspace, 'shortcuts')}>
        <Icon name="keyboard" size={18} />
        <span>Keys</span>
      </button>
    </nav>
  )
}
