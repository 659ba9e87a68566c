/** Everything one can do, by name: palette, menus, toolbar and shortcuts all come from this table. */

import { openWire, socketsOf } from '../canvas/canvas-keys.js'
import { type Alignment, align, alignmentNames } from '../document/recipes/arrange.js'
import { addNote } from '../document/recipes/frames.js'
import { isActive } from '../run/run-state.js'
import { runTab, stopTab } from '../run/running.js'
import type { IconName } from './icons.js'
import * as edit from './selection-edits.js'
import type { Workspace } from './workspace.js'

export interface Command {
  readonly id: string
  readonly title: string
  readonly group: 'Workflow' | 'Edit' | 'Node' | 'View' | 'Run'
  /** Default shortcuts: `Mod` is Ctrl, or Cmd on a Mac. */
  readonly keys?: readonly string[]
  readonly icon?: IconName
  /** Absent: always possible. */
  readonly isPossible?: (workspace: Workspace) => boolean
  readonly run: (workspace: Workspace) => void
}

const hasNodes = ({ tab }: Workspace): boolean => tab.view.state.nodes.size > 0
const hasSelection = ({ tab }: Workspace): boolean => {
  const { nodes, links, frame } = tab.view.state
  return nodes.size > 0 || links.size > 0 || frame !== undefined
}
const several = ({ tab }: Workspace): boolean => tab.view.state.nodes.size > 1

const toggle =
  <K extends 'left' | 'right'>(side: K, panel: NonNullable<Workspace['page']['state'][K]>) =>
  ({ page }: Workspace): void => {
    page.set({ [side]: page.state[side] === panel ? undefined : panel })
  }

const aligning = (how: Alignment): Command => ({
  id: `align-${how}`,
  title: alignmentNames[how],
  group: 'Node',
  icon: 'align',
  isPossible: several,
  run: ({ tab, canvas }) => canvas && tab.apply(align(tab.graph, canvas.boxes(tab.view.state.nodes), how)),
})

export const commands: readonly Command[] = [
  {
    id: 'run',
    title: 'Run',
    group: 'Run',
    keys: ['Mod+Enter'],
    icon: 'play',
    run: (workspace) => void runTab(workspace, workspace.tab),
  },
  {
    id: 'run-first',
    title: 'Run before all that waits',
    group: 'Run',
    keys: ['Mod+Shift+Enter'],
    icon: 'queue',
    run: (workspace) => void runTab(workspace, workspace.tab, { first: true }),
  },
  {
    id: 'run-to',
    title: 'Run up to the selection',
    group: 'Run',
    keys: ['Alt+Enter'],
    icon: 'play',
    isPossible: (workspace) => hasNodes(workspace) && workspace.tab.view.state.trail.length === 0,
    run: (workspace) => void runTab(workspace, workspace.tab, { targets: [...workspace.tab.view.state.nodes] }),
  },
  {
    id: 'run-with',
    title: 'Run with other values…',
    group: 'Run',
    keys: ['Alt+Shift+Enter'],
    icon: 'play',
    isPossible: ({ tab }) => Object.keys(tab.store.document.inputs ?? {}).length > 0,
    run: ({ page }) => page.set({ dialog: 'run-form', popup: undefined }),
  },
  {
    id: 'stop',
    title: 'Cancel the run',
    group: 'Run',
    keys: ['Mod+.'],
    icon: 'stop',
    isPossible: ({ tab }) => isActive(tab.run.state),
    run: (workspace) => void stopTab(workspace, workspace.tab),
  },

  {
    id: 'new',
    title: 'New workflow',
    group: 'Workflow',
    keys: ['Alt+N'],
    icon: 'add',
    run: (workspace) => workspace.newTab(),
  },
  { id: 'open', title: 'Open a file…', group: 'Workflow', keys: ['Mod+O'], icon: 'folder', run: edit.openFile },
  {
    id: 'save',
    title: 'Save',
    group: 'Workflow',
    keys: ['Mod+S'],
    icon: 'save',
    run: (workspace) => void workspace.save(),
  },
  {
    id: 'rename',
    title: 'Save under another name…',
    group: 'Workflow',
    keys: ['Mod+Shift+S'],
    icon: 'save',
    run: edit.saveAs,
  },
  { id: 'download', title: 'Download as a file', group: 'Workflow', icon: 'download', run: edit.download },
  {
    id: 'templates',
    title: 'Templates',
    group: 'Workflow',
    keys: ['Alt+T'],
    icon: 'template',
    run: toggle('left', 'templates'),
  },
  {
    id: 'close',
    title: 'Close tab',
    group: 'Workflow',
    keys: ['Alt+W'],
    icon: 'close',
    run: (workspace) => workspace.closeTab(workspace.tab.id),
  },
  {
    id: 'next-tab',
    title: 'Next tab',
    group: 'Workflow',
    keys: ['Alt+PageDown'],
    run: (workspace) => edit.stepTab(workspace, 1),
  },
  {
    id: 'previous-tab',
    title: 'Previous tab',
    group: 'Workflow',
    keys: ['Alt+PageUp'],
    run: (workspace) => edit.stepTab(workspace, -1),
  },

  {
    id: 'undo',
    title: 'Undo',
    group: 'Edit',
    keys: ['Mod+Z'],
    icon: 'undo',
    isPossible: ({ tab }) => tab.store.state.undo !== undefined,
    run: ({ tab }) => tab.store.undo(),
  },
  {
    id: 'redo',
    title: 'Redo',
    group: 'Edit',
    keys: ['Mod+Shift+Z', 'Mod+Y'],
    icon: 'redo',
    isPossible: ({ tab }) => tab.store.state.redo !== undefined,
    run: ({ tab }) => tab.store.redo(),
  },
  { id: 'copy', title: 'Copy', group: 'Edit', keys: ['Mod+C'], icon: 'copy', isPossible: hasNodes, run: edit.copy },
  { id: 'cut', title: 'Cut', group: 'Edit', keys: ['Mod+X'], isPossible: hasNodes, run: edit.cut },
  { id: 'paste', title: 'Paste', group: 'Edit', keys: ['Mod+V'], run: edit.pasteFromClipboard },
  {
    id: 'duplicate',
    title: 'Duplicate with links',
    group: 'Edit',
    keys: ['Mod+D'],
    icon: 'copy',
    isPossible: hasNodes,
    run: edit.duplicate,
  },
  {
    id: 'delete',
    title: 'Delete',
    group: 'Edit',
    keys: ['Delete', 'Backspace'],
    icon: 'trash',
    isPossible: hasSelection,
    run: edit.deleteSelection,
  },
  { id: 'select-all', title: 'Select all', group: 'Edit', keys: ['Mod+A'], run: edit.selectAll },

  { id: 'add', title: 'Add a node…', group: 'Node', keys: ['Space'], icon: 'add', run: edit.openSearch },
  {
    id: 'connect',
    title: 'Connect the node…',
    group: 'Node',
    keys: ['C'],
    isPossible: hasNodes,
    run: (workspace) => connectSelected(workspace),
  },
  {
    id: 'mute',
    title: 'Mute',
    group: 'Node',
    keys: ['M'],
    icon: 'mute',
    isPossible: hasNodes,
    run: (workspace) => edit.toggleMode(workspace, 'mute'),
  },
  {
    id: 'bypass',
    title: 'Bypass',
    group: 'Node',
    keys: ['B'],
    icon: 'eye',
    isPossible: hasNodes,
    run: (workspace) => edit.toggleMode(workspace, 'bypass'),
  },
  {
    id: 'collapse',
    title: 'Collapse or expand',
    group: 'Node',
    keys: ['X'],
    icon: 'minus',
    isPossible: hasNodes,
    run: edit.toggleCollapsed,
  },
  {
    id: 'group',
    title: 'Group',
    group: 'Node',
    keys: ['Mod+G'],
    icon: 'template',
    isPossible: hasNodes,
    run: edit.group,
  },
  {
    id: 'note',
    title: 'Add a note',
    group: 'Node',
    keys: ['N'],
    icon: 'note',
    run: ({ tab, canvas }) => canvas && tab.apply(addNote(tab.graph, canvas.center)),
  },
  {
    id: 'component',
    title: 'Make a component',
    group: 'Node',
    keys: ['Mod+Shift+G'],
    icon: 'component',
    isPossible: hasNodes,
    run: edit.toComponent,
  },
  {
    id: 'unpack',
    title: 'Unpack component',
    group: 'Node',
    icon: 'component',
    isPossible: edit.isComponentSelected,
    run: edit.unpack,
  },
  {
    id: 'enter',
    title: 'Open component',
    group: 'Node',
    keys: ['Enter'],
    icon: 'component',
    isPossible: edit.isComponentSelected,
    run: ({ canvas, tab }) => canvas?.host.openNode([...tab.view.state.nodes][0]!),
  },
  ...(Object.keys(alignmentNames) as Alignment[]).map(aligning),
  {
    id: 'arrange',
    title: 'Arrange automatically',
    group: 'Node',
    keys: ['L'],
    icon: 'arrange',
    run: (workspace) => void edit.arrange(workspace),
  },

  {
    id: 'palette',
    title: 'Command palette',
    group: 'View',
    keys: ['Mod+K', 'Mod+Shift+P'],
    icon: 'search',
    run: ({ page }) => page.set({ dialog: 'palette', popup: undefined }),
  },
  {
    id: 'shortcuts',
    title: 'Keyboard shortcuts',
    group: 'View',
    keys: ['?'],
    icon: 'keyboard',
    run: ({ page }) => page.set({ dialog: 'shortcuts' }),
  },
  {
    id: 'fit',
    title: 'Show all',
    group: 'View',
    keys: ['F'],
    icon: 'fit',
    run: ({ canvas, tab }) => canvas?.fit(tab.view.state.nodes.size > 1 ? tab.view.state.nodes : undefined),
  },
  {
    id: 'zoom-in',
    title: 'Zoom in',
    group: 'View',
    keys: ['+', '='],
    run: ({ canvas }) => canvas?.zoomTo(Math.min(2.5, canvas.stage.transform.k * 1.25)),
  },
  {
    id: 'zoom-out',
    title: 'Zoom out',
    group: 'View',
    keys: ['-'],
    run: ({ canvas }) => canvas?.zoomTo(Math.max(0.05, canvas.stage.transform.k / 1.25)),
  },
  { id: 'zoom-one', title: 'Zoom to 100 %', group: 'View', keys: ['1'], run: ({ canvas }) => canvas?.zoomTo(1) },
  {
    id: 'minimap',
    title: 'Minimap',
    group: 'View',
    icon: 'map',
    run: ({ page }) => page.set({ minimap: !page.state.minimap }),
  },
  {
    id: 'theme',
    title: 'Dark or light',
    group: 'View',
    icon: 'moon',
    run: (workspace) => workspace.setTheme(workspace.page.state.theme === 'dark' ? 'light' : 'dark'),
  },
  {
    id: 'sign-out',
    title: 'Sign out',
    group: 'View',
    isPossible: ({ backend }) => backend.signOut !== undefined,
    run: (workspace) => void workspace.signOut(),
  },
  { id: 'nodes', title: 'Node library', group: 'View', keys: ['Alt+A'], icon: 'add', run: toggle('left', 'nodes') },
  { id: 'queue', title: 'Queue', group: 'View', keys: ['Q'], icon: 'queue', run: toggle('left', 'queue') },
  { id: 'gallery', title: 'Gallery', group: 'View', keys: ['G'], icon: 'gallery', run: toggle('left', 'gallery') },
  { id: 'models', title: 'Models', group: 'View', icon: 'models', run: toggle('left', 'models') },
  { id: 'details', title: 'Details', group: 'View', keys: ['D'], icon: 'inputs', run: toggle('right', 'details') },
  { id: 'problems', title: 'Problems', group: 'View', keys: ['P'], icon: 'problem', run: toggle('right', 'problems') },
  {
    id: 'history',
    title: 'History',
    group: 'View',
    keys: ['H'],
    icon: 'history',
    run: toggle('right', 'history'),
  },
  {
    id: 'dreamo',
    title: 'References and prompt',
    group: 'View',
    keys: ['R'],
    icon: 'references',
    run: toggle('right', 'dreamo'),
  },
  {
    id: 'training',
    title: 'Training',
    group: 'View',
    keys: ['T'],
    icon: 'chart',
    run: toggle('right', 'training'),
  },
]

export const commandById = new Map(commands.map((command) => [command.id, command]))

export function runCommand(workspace: Workspace, id: string): void {
  const command = commandById.get(id)
  if (command && command.isPossible?.(workspace) !== false) command.run(workspace)
}

/** From the socket that the keyboard stands on, else from the node's first output. */
function connectSelected(workspace: Workspace): void {
  const { canvas, tab } = workspace
  const box = canvas?.scene.nodes.get([...tab.view.state.nodes].at(-1) ?? '')
  if (!canvas || !box) return
  const sockets = socketsOf(box)
  const cursor = tab.view.state.cursor ?? sockets.find(({ side }) => side === 'output') ?? sockets[0]
  if (!cursor) return
  tab.view.set({ cursor })
  openWire(workspace, canvas, cursor)
}
