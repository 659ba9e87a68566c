/** Name, tabs, and what one does with a workflow as a whole. */
import type { Workflow } from '@dreamgraph/graph'
import { isActive } from '../run/run-state.js'
import { shortTime } from '../run/short-time.js'
import { useSelect } from '../state/use-select.js'
import { stageType } from '../training/stages.js'
import { commandById, runCommand } from './commands.js'
import { Icon, type IconName } from './icons.js'
import { shortcutsOf, showKeys } from './shortcuts.js'
import type { Tab } from './tab.js'
import type { Workspace } from './workspace.js'

export function TopBar({ workspace }: { readonly workspace: Workspace }) {
  const { tabs, active, theme, right } = useSelect(workspace.page, (page) => page)
  const tab = tabs.find(({ id }) => id === active) ?? tabs[0]!
  const { undo, redo } = useSelect(tab.store, (state) => state)
  const trains = useSelect(tab.store, ({ document }) => hasTraining(document))
  const problems = workspace.problemsOf(tab)
  const errors = useSelect(problems.found, (found) => found.errors.length)
  return (
    <header className="top-bar">
      <span className="brand">
        <Logo />
        dreamgraph
      </span>
      <div className="tabs">
        {tabs.map((other) => (
          <TabButton key={other.id} tab={other} isActive={other === tab} workspace={workspace} />
        ))}
        <CommandButton workspace={workspace} id="new" icon="add" />
      </div>
      <span className="spring" />
      <div className="bar-group">
        <CommandButton workspace={workspace} id="undo" icon="undo" isOff={undo === undefined} detail={undo} />
        <CommandButton workspace={workspace} id="redo" icon="redo" isOff={redo === undefined} detail={redo} />
        <CommandButton workspace={workspace} id="save" icon="save" />
        <CommandButton workspace={workspace} id="palette" icon="search" />
        <CommandButton workspace={workspace} id="theme" icon={theme === 'dark' ? 'sun' : 'moon'} />
      </div>
      <div className="bar-group">
        <CommandButton workspace={workspace} id="details" icon="inputs" isOn={right === 'details'} />
        <CommandButton workspace={workspace} id="dreamo" icon="references" isOn={right === 'dreamo'} />
        {trains && <CommandButton workspace={workspace} id="training" icon="chart" isOn={right === 'training'} />}
        <CommandButton workspace={workspace} id="history" icon="history" isOn={right === 'history'} />
        <span className="with-count">
          <CommandButton workspace={workspace} id="problems" icon="problem" isOn={right === 'problems'} />
          {errors > 0 && <span className="count bad">{errors}</span>}
        </span>
      </div>
      <RunButton workspace={workspace} tab={tab} />
    </header>
  )
}

const hasTraining = ({ nodes }: Workflow): boolean => Object.values(nodes).some(({ type }) => type === stageType)

function TabButton({
  tab,
  isActive,
  workspace,
}: {
  readonly tab: Tab
  readonly isActive: boolean
  readonly workspace: Workspace
}) {
  const title = useSelect(tab.place, (place) => place.title)
  const isChanged = useSelect(tab.store, (state) => state.isChanged)
  return (
    <div className={`tab${isActive ? ' active' : ''}`}>
      <button
        type="button"
        aria-current={isActive ? 'page' : undefined}
        title={isChanged ? `${title}, not saved` : title}
        onClick={() => workspace.page.set({ active: tab.id })}
        onAuxClick={(event) => event.button === 1 && workspace.closeTab(tab.id)}
      >
        <span className="tab-title">{title}</span>
        {isChanged && <span className="tab-dot" role="img" aria-label="not saved" />}
      </button>
      <button
        type="button"
        className="tab-close"
        aria-label={`Close ${title}`}
        onClick={() => workspace.closeTab(tab.id)}
      >
        <Icon name="close" size={11} />
      </button>
    </div>
  )
}

function RunButton({ workspace, tab }: { readonly workspace: Workspace; readonly tab: Tab }) {
  const run = useSelect(tab.run, (state) => state)
  const isBusy = isActive(run)
  return (
    <div className="run">
      <RunStatus tab={tab} />
      {isBusy && (
        <button
          type="button"
          className="button"
          onClick={() => runCommand(workspace, 'stop')}
          title="Cancel the run (Ctrl+.)"
        >
          <Icon name="stop" size={13} /> Cancel
        </button>
      )}
      <button
        type="button"
        className="button primary"
        title={`${isBusy ? 'Queue another run' : 'Run'} (${showKeys(shortcutsOf(commandById.get('run')!)[0])})`}
        onClick={() => runCommand(workspace, 'run')}
      >
        <Icon name={isBusy ? 'queue' : 'play'} size={13} /> {isBusy ? 'Queue' : 'Run'}
      </button>
    </div>
  )
}

function RunStatus({ tab }: { readonly tab: Tab }) {
  const { state, done, total, durationMs } = useSelect(tab.run, (run) => run)
  if (state === undefined) return null
  const text = {
    queued: 'waiting',
    paused: 'paused',
    running: `${done} of ${total}`,
    finished: `done in ${shortTime(durationMs)}`,
    failed: 'failed',
    cancelled: 'cancelled',
  }[state]
  return (
    <span className={`run-status ${state}`} role="status">
      {state === 'running' && (
        <span className="run-bar" aria-hidden="true">
          <span style={{ width: `${total > 0 ? (done / total) * 100 : 0}%` }} />
        </span>
      )}
      {text}
    </span>
  )
}

interface CommandButtonProps {
  readonly workspace: Workspace
  readonly id: string
  readonly icon: IconName
  readonly isOff?: boolean
  readonly isOn?: boolean
  readonly detail?: string
}

export function CommandButton({ workspace, id, icon, isOff, isOn, detail }: CommandButtonProps) {
  const command = commandById.get(id)!
  const keys = showKeys(shortcutsOf(command)[0])
  const name = detail ? `${command.title}: ${detail}` : command.title
  return (
    <button
      type="button"
      className="icon-button"
      disabled={isOff}
      aria-label={name}
      aria-pressed={isOn}
      title={keys ? `${name} (${keys})` : name}
      onClick={() => runCommand(workspace, id)}
    >
      <Icon name={icon} />
    </button>
  )
}

function Logo() {
  return (
    <svg width="20" height="20" viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="8" fill="var(--accent-strong)" />
      <path d="M9 10c8 0 6 12 14 12" fill="none" stroke="#fff" strokeWidth="2.5" strokeLinecap="round" />
      <circle cx="9" cy="10" r="3.5" fill="#fff" />
      <circle cx="23" cy="22" r="3.5" fill="#fff" />
    </svg>
  )
}
