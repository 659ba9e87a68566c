/** Actions on what is selected, or on the canvas. */
import { type KeyboardEvent, useEffect, useRef } from 'react'
import type { Point } from '../document/graph.js'
import { setFrame } from '../document/recipes/frames.js'
import { setNodeColor } from '../document/recipes/nodes.js'
import { type Command, commandById } from './commands.js'
import { Icon } from './icons.js'
import { shortcutsOf, showKeys } from './shortcuts.js'
import { Swatches } from './swatches.js'
import type { Workspace } from './workspace.js'

const forNodes = [
  'run-to',
  '',
  'connect',
  'duplicate',
  'copy',
  'delete',
  '',
  'mute',
  'bypass',
  'collapse',
  'group',
  '',
  'enter',
  'component',
  'unpack',
  '',
  'arrange',
]
const forCanvas = ['add', 'note', 'paste', 'select-all', '', 'arrange', 'fit', '', 'undo', 'redo']
const forOthers = ['delete']
const alignments = [
  'align-left',
  'align-center',
  'align-right',
  'align-top',
  'align-middle',
  'align-bottom',
  'align-columns',
  'align-rows',
]

interface ContextMenuProps {
  readonly workspace: Workspace
  readonly at: Point
  readonly close: () => void
}

export function ContextMenu({ workspace, at, close }: ContextMenuProps) {
  const { tab } = workspace
  const menu = useRef<HTMLDivElement>(null)
  const { nodes, links, frame } = tab.view.state
  const ids =
    nodes.size > 0
      ? [...forNodes, ...(nodes.size > 1 ? ['', ...alignments] : [])]
      : links.size > 0 || frame
        ? forOthers
        : forCanvas
  const take = (command: Command): void => {
    close()
    if (command.id === 'add') workspace.page.set({ popup: { kind: 'search', at } })
    else command.run(workspace)
  }
  const color = (value: string | undefined): void => {
    close()
    if (nodes.size > 0) tab.apply(setNodeColor(tab.graph, nodes, value))
    else if (frame) tab.apply(setFrame(tab.graph, frame.kind, frame.index, { color: value }))
  }
  useEffect(() => menu.current?.querySelector('button')?.focus(), [])
  return (
    <div ref={menu} className="menu" role="menu" tabIndex={-1} aria-label="Actions" onKeyDown={stepThrough}>
      {items(ids, workspace).map((command, index) =>
        command === undefined ? (
          // biome-ignore lint/suspicious/noArrayIndexKey: separators have no name
          <hr key={`separator ${index}`} />
        ) : (
          <button type="button" role="menuitem" key={command.id} onClick={() => take(command)}>
            {command.icon ? <Icon name={command.icon} size={14} /> : <span className="icon-space" />}
            <span className="option-label">{command.title}</span>
            <kbd>{showKeys(shortcutsOf(command)[0])}</kbd>
          </button>
        ),
      )}
      {(nodes.size > 0 || frame) && (
        <>
          <hr />
          <Swatches onPick={color} isMenu />
        </>
      )}
    </div>
  )
}

/** Possible commands, with separators only between some. */
function items(ids: readonly string[], workspace: Workspace): (Command | undefined)[] {
  const found: (Command | undefined)[] = []
  for (const id of ids) {
    const command = commandById.get(id)
    if (id === '' && found.at(-1) !== undefined) found.push(undefined)
    if (command && command.isPossible?.(workspace) !== false) found.push(command)
  }
  if (found.at(-1) === undefined) found.pop()
  return found
}

/** Arrows go through the menu. */
function stepThrough(event: KeyboardEvent<HTMLDivElement>): void {
  const by = { ArrowDown: 1, ArrowUp: -1 }[event.key]
  if (by === undefined) return
  event.preventDefault()
  event.stopPropagation()
  const items = [...event.currentTarget.querySelectorAll('button')]
  const at = items.indexOf(document.activeElement as HTMLButtonElement)
  items[(at + by + items.length) % items.length]?.focus()
}
