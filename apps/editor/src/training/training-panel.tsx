/** How training goes: stages with the time that is left, losses by task, and what the flow paints meanwhile. */
import { useEffect, useMemo, useState } from 'react'
import { Icon } from '../app/icons.js'
import type { Tab } from '../app/tab.js'
import type { Workspace } from '../app/workspace.js'
import { findGraph } from '../document/graph.js'
import { Panel } from '../panels/panel.js'
import type { NodePhase } from '../run/run-state.js'
import { shortTime } from '../run/short-time.js'
import { useSelect } from '../state/use-select.js'
import type { Theme } from '../theme/theme.js'
import { LossChart, taskColor } from './loss-chart.js'
import { LossTable } from './loss-table.js'
import { lossTitle } from './loss-titles.js'
import { SampleSheets } from './sample-sheets.js'
import { curvesOf, lossNames, stageType, type TrainingStage, tasksOf } from './stages.js'

export function TrainingPanel({ workspace }: { readonly workspace: Workspace }) {
  const tab = useSelect(workspace.page, () => workspace.tab)
  const theme = useSelect(workspace.page, (page) => page.theme)
  const table = useSelect(workspace.page, (page) => page.losses)
  const training = useSelect(tab.run, (run) => run.training)
  const stages = useMemo(() => table?.stages ?? [...training.values()], [table, training])
  return (
    <Panel
      title={table ? `Losses: ${table.title}` : 'Training'}
      side="right"
      workspace={workspace}
      className="training"
    >
      {table ? (
        <button type="button" className="link" onClick={() => workspace.page.set({ losses: undefined })}>
          Back to the newest run
        </button>
      ) : (
        <Stages tab={tab} training={training} />
      )}
      {stages.length === 0 ? (
        <p className="panel-empty">Losses show here while a training stage runs, and from tables that one has saved.</p>
      ) : (
        <Losses stages={stages} theme={theme} />
      )}
      {!table && <SampleSheets workspace={workspace} tab={tab} />}
    </Panel>
  )
}

function Losses({ stages, theme }: { readonly stages: readonly TrainingStage[]; readonly theme: Theme }) {
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set())
  const [isLogarithmic, setLogarithmic] = useState(false)
  const tasks = tasksOf(stages)
  const names = lossNames(stages)
  const shown = tasks.filter((task) => !hidden.has(task))
  const toggle = (task: string): void => {
    const next = new Set(hidden)
    if (!next.delete(task)) next.add(task)
    setHidden(next)
  }
  return (
    <>
      <div className="loss-legend">
        {tasks.map((task, index) => (
          <label key={task}>
            <input type="checkbox" checked={!hidden.has(task)} onChange={() => toggle(task)} />
            <span className="option-dot" style={{ background: taskColor(index, theme) }} />
            {task}
          </label>
        ))}
        <span className="spring" />
        <label>
          <input type="checkbox" checked={isLogarithmic} onChange={() => setLogarithmic(!isLogarithmic)} />
          logarithmic
        </label>
      </div>
      {names.map((name) => (
        <figure className="loss-figure" key={name}>
          <figcaption>{lossTitle(name)}</figcaption>
          <ChartOf {...{ stages, name, tasks, shown, theme, isLogarithmic }} />
        </figure>
      ))}
      <LossTable stages={stages} names={names} tasks={tasks} />
    </>
  )
}

interface ChartOfProps {
  readonly stages: readonly TrainingStage[]
  readonly name: string
  readonly tasks: readonly string[]
  readonly shown: readonly string[]
  readonly theme: Theme
  readonly isLogarithmic: boolean
}

function ChartOf({ stages, name, tasks, shown, theme, isLogarithmic }: ChartOfProps) {
  const curves = useMemo(() => curvesOf(stages, name, tasks), [stages, name, tasks])
  // A logarithm has no place for what is not above nothing, and a hidden task no curve.
  const y = curves.y.map((values, index) =>
    shown.includes(tasks[index]!)
      ? values.map((value) => (isLogarithmic && value !== null && value <= 0 ? null : value))
      : values.map(() => null),
  )
  return (
    <LossChart
      curves={{ ...curves, y }}
      tasks={tasks}
      title={lossTitle(name)}
      theme={theme}
      isLogarithmic={isLogarithmic}
    />
  )
}

function Stages({ tab, training }: { readonly tab: Tab; readonly training: ReadonlyMap<string, TrainingStage> }) {
  const graph = useSelect(tab.store, ({ document }) => findGraph(document, tab.graph))
  const nodes = useSelect(tab.run, (run) => run.nodes)
  const ids = Object.entries(graph?.nodes ?? {}).flatMap(([id, { type }]) =>
    type === stageType ? [tab.runId(id)] : [],
  )
  const all = [...new Set([...training.keys(), ...ids])]
  const isRunning = all.some((id) => nodes.get(id)?.phase === 'running')
  const nowMs = useClock(isRunning)
  if (all.length === 0) return null
  return (
    <ol className="stages">
      {all.map((id) => {
        const stage = training.get(id)
        const step = stage?.lines.at(-1)?.step ?? 0
        const phase = nodes.get(id)?.phase ?? 'waiting'
        return (
          <li key={id} className={`training-stage ${phase}`}>
            <div className="stage-head">
              <button type="button" className="link" onClick={() => tab.select([id.split('/').at(-1)!])}>
                {stage?.name ?? id}
              </button>
              <span className="spring" />
              <span className="dim">
                {stage && `step ${step.toLocaleString('en')} of ${stage.steps.toLocaleString('en')} · `}
                {stageState(phase, stage, nowMs)}
              </span>
            </div>
            <progress
              value={phase === 'ran' || phase === 'cached' ? 1 : step}
              max={phase === 'ran' || phase === 'cached' ? 1 : (stage?.steps ?? 1)}
              aria-label={`${stage?.name ?? id}: progress`}
            />
          </li>
        )
      })}
    </ol>
  )
}

function stageState(phase: NodePhase, stage: TrainingStage | undefined, nowMs: number): string {
  if (phase !== 'running') return phase === 'ran' ? 'done' : phase === 'cached' ? 'was trained before' : phase
  if (stage?.timeLeftMs === undefined) return 'begins'
  const left = stage.timeLeftMs - Math.max(0, nowMs - (stage.toldAtMs ?? nowMs))
  return left < 1000 ? 'about to end' : `${shortTime(left)} left`
}

/** Milliseconds since 1970, each second anew while `isOn`. */
function useClock(isOn: boolean): number {
  const [now, setNow] = useState(Date.now)
  useEffect(() => {
    if (!isOn) return
    const timer = setInterval(() => setNow(Date.now()), 1000)
    return () => clearInterval(timer)
  }, [isOn])
  return now
}

/** Opens a table of losses that a job has left. */
export function LossesButton({ workspace, title, digest }: { workspace: Workspace; title: string; digest: string }) {
  return (
    <button
      type="button"
      className="icon-button"
      aria-label={`Losses: ${title}`}
      title="Show its losses as curves"
      onClick={() => void workspace.openLosses(title, () => workspace.backend.artifactText(digest))}
    >
      <Icon name="chart" size={13} />
    </button>
  )
}
