/** Everything by its name: commands, nodes to add, nodes to go to, workflows to open. */
import Fuse from 'fuse.js'
import { categoryColor } from '../canvas/paint-theme.js'
import { addAt } from './add-node.js'
import { commands } from './commands.js'
import { Dialog } from './dialog.js'
import { Icon } from './icons.js'
import { type Option, OptionList } from './option-list.js'
import { shortcutsOf, showKeys } from './shortcuts.js'
import type { Workspace } from './workspace.js'

export function Palette({ workspace, onClose }: { readonly workspace: Workspace; readonly onClose: () => void }) {
  const all = options(workspace)
  const fuse = new Fuse(all, {
    threshold: 0.35,
    ignoreLocation: true,
    keys: [{ name: 'label', weight: 3 }, 'detail', 'group'],
  })
  const find = (query: string): readonly Option[] => {
    if (query.trim() === '') return all.filter(({ group }) => group !== 'Add a node')
    const found = fuse.search(query.trim()).map(({ item }) => item)
    const groups = [...new Set(found.map(({ group }) => group))]
    return groups.flatMap((group) => found.filter((option) => option.group === group))
  }
  return (
    <Dialog title="Command palette" onClose={onClose} bare>
      <OptionList
        label="Command palette"
        placeholder="Search commands, nodes, workflows…"
        find={find}
        onClose={onClose}
      />
    </Dialog>
  )
}

function options(workspace: Workspace): Option[] {
  const { catalogue, canvas, tab, server } = workspace
  const possible = commands.filter((command) => command.id !== 'palette' && command.isPossible?.(workspace) !== false)
  return [
    ...possible.map((command) => ({
      id: `command-${command.id}`,
      label: command.title,
      hint: showKeys(shortcutsOf(command)[0]),
      icon: command.icon ? <Icon name={command.icon} size={14} /> : <span className="icon-space" />,
      group: 'Commands',
      take: () => command.run(workspace),
    })),
    ...[...(canvas?.scene.nodes.values() ?? [])].map(({ id, node, face }) => ({
      id: `go-${id}`,
      label: node.title ?? face.title,
      detail: id,
      color: node.ui?.color ?? categoryColor(face.category),
      group: 'Go to',
      take: () => {
        tab.select([id])
        canvas?.fit([id], 1)
      },
    })),
    ...server.state.workflows.map(({ name, title, description, template }) => ({
      id: `open-${name}`.replace(/\W/g, '-'),
      label: title,
      detail: description,
      icon: <Icon name={template ? 'template' : 'file'} size={14} />,
      group: template ? 'Templates' : 'Workflows',
      take: () => void workspace.openWorkflow(name),
    })),
    ...catalogue.nodes.map((node) => ({
      id: `add-${node.type.replace('/', '-')}`,
      label: node.title,
      detail: node.type,
      color: categoryColor(node.category),
      group: 'Add a node',
      take: () => {
        if (canvas) addAt(workspace, node, canvas.center)
      },
    })),
  ]
}
