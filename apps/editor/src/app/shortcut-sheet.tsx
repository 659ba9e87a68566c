/** All keys on one sheet; a click on one changes it. */
import { useState } from 'react'
import { useSelect } from '../state/use-select.js'
import { type Command, commands } from './commands.js'
import { Dialog } from './dialog.js'
import { bind, keysOf, ownKeys, shortcutsOf, showKeys } from './shortcuts.js'

const onCanvas: readonly (readonly [string, string])[] = [
  ['Arrows', 'To the next node'],
  ['Alt + ↑ ↓', 'From socket to socket'],
  ['Alt + ← →', 'Along the link'],
  ['Enter', 'On a socket: connect; on a node: its fields'],
  ['Ctrl + arrows', 'Move the nodes; with Shift farther'],
  ['Escape', 'Back: socket, selection, component'],
  ['Drag', 'Move the view; on a node, the node'],
  ['Shift + drag', 'Select with a box'],
  ['Double click', 'Add a node; on a link, lead it around'],
  ['Alt while dragging', 'Off the grid'],
]

export function ShortcutSheet({ onClose }: { readonly onClose: () => void }) {
  const [waiting, setWaiting] = useState<string | undefined>(undefined)
  const own = useSelect(ownKeys, ({ keys }) => keys)
  const groups = ['Run', 'Workflow', 'Edit', 'Node', 'View'] as const
  return (
    <Dialog title="Keyboard shortcuts" onClose={onClose} wide>
      <p className="dim">Click a shortcut and press other keys to change it. Escape keeps it.</p>
      <div className="sheet">
        {groups.map((group) => (
          <section key={group}>
            <h3>{group}</h3>
            {commands
              .filter((command) => command.group === group)
              .map((command) => (
                <Line
                  key={command.id}
                  command={command}
                  isOwn={own[command.id] !== undefined}
                  isWaiting={waiting === command.id}
                  setWaiting={setWaiting}
                />
              ))}
          </section>
        ))}
        <section>
          <h3>On the canvas</h3>
          {onCanvas.map(([keys, meaning]) => (
            <div className="sheet-line" key={keys}>
              <span>{meaning}</span>
              <kbd>{keys}</kbd>
            </div>
          ))}
        </section>
      </div>
    </Dialog>
  )
}

interface LineProps {
  readonly command: Command
  readonly isOwn: boolean
  readonly isWaiting: boolean
  readonly setWaiting: (id: string | undefined) => void
}

function Line({ command, isOwn, isWaiting, setWaiting }: LineProps) {
  const keys = shortcutsOf(command).map(showKeys).join(' or ')
  return (
    <div className="sheet-line">
      <span>{command.title}</span>
      {isOwn && (
        <button type="button" className="link" onClick={() => bind(command.id, undefined)}>
          reset
        </button>
      )}
      <button
        type="button"
        className={`key${isOwn ? ' own' : ''}`}
        aria-label={`${command.title}: ${keys || 'no keys'}; change`}
        onClick={() => setWaiting(isWaiting ? undefined : command.id)}
        onKeyDown={(event) => {
          if (!isWaiting) return
          event.preventDefault()
          event.stopPropagation()
          if (event.key === 'Escape') setWaiting(undefined)
          const pressed = keysOf(event.nativeEvent)
          if (event.key === 'Escape' || pressed === undefined) return
          bind(command.id, [pressed])
          setWaiting(undefined)
        }}
      >
        {isWaiting ? 'press keys…' : keys || '–'}
      </button>
    </div>
  )
}
