/** Keys of commands: the defaults of the table, and what the user has put in their place. */
import { Observable } from '../state/observable.js'
import { type Command, commands } from './commands.js'
import type { Workspace } from './workspace.js'

const storageKey = 'dreamgraph/shortcuts'
const isMac = /mac/i.test(navigator.platform)

/** Own keys by command id. */
export const ownKeys = new Observable<{ readonly keys: Readonly<Record<string, readonly string[]>> }>({ keys: read() })

function read(): Record<string, readonly string[]> {
  try {
    return JSON.parse(localStorage.getItem(storageKey) ?? '{}') as Record<string, readonly string[]>
  } catch {
    return {}
  }
}

export function bind(command: string, keys: readonly string[] | undefined): void {
  const { [command]: _, ...others } = ownKeys.state.keys
  const next = keys === undefined ? others : { ...others, [command]: keys }
  localStorage.setItem(storageKey, JSON.stringify(next))
  ownKeys.set({ keys: next })
}

export const shortcutsOf = ({ id, keys = [] }: Command): readonly string[] => ownKeys.state.keys[id] ?? keys

/** `Mod+Shift+Z` of a key press, or undefined for a lone modifier. */
export function keysOf(event: KeyboardEvent): string | undefined {
  if (['Control', 'Shift', 'Alt', 'Meta'].includes(event.key)) return undefined
  const isSign = event.key.length === 1 && !/[\p{L}0-9 ]/iu.test(event.key)
  // With Alt, or on a keyboard of another script, the key's sign is another letter altogether: take the key itself.
  const isForeign = event.altKey || /^\P{ASCII}$/u.test(event.key)
  const letter = isForeign && /^Key[A-Z]$/.test(event.code) ? event.code.slice(3) : event.key
  const name = letter === ' ' ? 'Space' : letter.length === 1 ? letter.toUpperCase() : letter
  const parts = [
    (isMac ? event.metaKey : event.ctrlKey) && 'Mod',
    event.altKey && 'Alt',
    event.shiftKey && !isSign && 'Shift',
    name,
  ]
  return parts.filter(Boolean).join('+')
}

export function showKeys(keys: string | undefined): string {
  if (keys === undefined) return ''
  if (isMac) return keys.replace('Mod+', '⌘').replace('Shift+', '⇧').replace('Alt+', '⌥')
  return keys.replace('Mod', 'Ctrl')
}

const ofTexts = ['Mod+Z', 'Mod+Y', 'Mod+Shift+Z', 'Mod+C', 'Mod+X', 'Mod+V', 'Mod+A']
/** Commands that go on while their key is held. */
const repeatable = new Set(['undo', 'redo', 'zoom-in', 'zoom-out', 'next-tab', 'previous-tab'])

/** Keys with a modifier work everywhere; others only where nobody types. */
export function listenForShortcuts(workspace: Workspace): () => void {
  const down = (event: KeyboardEvent): void => {
    const keys = keysOf(event)
    if (keys === undefined || event.defaultPrevented) return
    const target = event.target as HTMLElement
    const types = target.closest('input, textarea, select, [contenteditable]') !== null
    const isPlain = !keys.startsWith('Mod+') && !keys.startsWith('Alt+')
    // Text fields have their own undo, copy and select all.
    if (types && (isPlain || ofTexts.includes(keys))) return
    const isButton = target.closest('button, summary, [role=option], a') !== null
    if (isButton && (keys === 'Space' || keys === 'Enter')) return
    const command = commands.find((candidate) => shortcutsOf(candidate).includes(keys))
    if (!command || command.isPossible?.(workspace) === false) return
    if (workspace.page.state.dialog !== undefined) {
      // A dialog is about something else; but what we take from the browser elsewhere it does not get here.
      if (!isPlain && !ofTexts.includes(keys)) event.preventDefault()
      return
    }
    // Enter on the canvas is decided there: a socket, a component, or the fields of a node.
    if (command.id === 'enter' || command.id === 'paste') return
    event.preventDefault()
    if (event.repeat && !repeatable.has(command.id)) return // a key that is held runs one job, not thirty
    command.run(workspace)
  }
  window.addEventListener('keydown', down)
  return () => window.removeEventListener('keydown', down)
}
