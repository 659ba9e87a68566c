/** What is known of the newest run of a tab: built from the job's events alone, so that a reload shows the same. */
import type { Failure, JobEvent, JobState, Output, PreviewFrame } from '@dreamgraph/protocol'
import { addLosses, type TrainingStage } from '../training/stages.js'

export type NodePhase =
  | 'waiting'
  | 'running'
  | 'ran'
  | 'cached'
  | 'failed'
  | 'muted'
  | 'bypassed'
  | 'not-needed'
  | 'cancelled'

export interface NodeRun {
  readonly phase: NodePhase
  /** 0 … 1 */
  readonly progress?: number
  readonly label?: string
  readonly durationMs?: number
  readonly why: readonly string[]
  readonly error?: Failure
}

/** A map of where a reference looks, one byte per cell. */
export interface RoutingMap {
  readonly node: string
  readonly reference: number
  readonly width: number
  readonly height: number
  readonly cells: Uint8Array
  readonly step?: number
  /** Third of the layers; absent for the mean over all. */
  readonly group?: string
  /** As the server measured it, 0 … 1. */
  readonly leakage?: number
}

export interface RunState {
  readonly job?: string
  readonly state?: JobState
  readonly nodes: ReadonlyMap<string, NodeRun>
  /** How many steps a node said that it has, by node. */
  readonly steps: ReadonlyMap<string, number>
  readonly total: number
  readonly done: number
  readonly outputs: readonly Output[]
  /** Newest preview by node, as an object URL. */
  readonly previews: ReadonlyMap<string, string>
  /** Of nodes that work on several items at once: the one whose previews are shown, until it has ended. */
  readonly shownItems: ReadonlyMap<string, number>
  /** Of every step that came, oldest first. */
  readonly routing: readonly RoutingMap[]
  /** What is learnt, by node, in the order in which stages began. */
  readonly training: ReadonlyMap<string, TrainingStage>
  readonly error?: Failure
  readonly durationMs?: number
}

export const noRun: RunState = {
  nodes: new Map(),
  steps: new Map(),
  total: 0,
  done: 0,
  outputs: [],
  previews: new Map(),
  shownItems: new Map(),
  routing: [],
  training: new Map(),
}

export const isActive = ({ state }: RunState): boolean =>
  state === 'queued' || state === 'running' || state === 'paused'

/** Nine references in three groups of layers and their mean, for a hundred steps. */
const mostMaps = 3600

/** The state after one more event. */
export function reduceRun(run: RunState, event: JobEvent): RunState {
  switch (event.type) {
    case 'queued':
      return { ...run, state: 'queued' }
    case 'paused':
      return { ...run, state: 'paused' }
    case 'started':
      return {
        ...run,
        state: 'running',
        nodes: new Map(),
        shownItems: new Map(),
        outputs: [],
        done: 0,
        error: undefined,
      }
    case 'run-started':
      return { ...run, total: event.nodes }
    case 'node-started':
      return withNode(run, event.node, { phase: 'running', why: [] })
    case 'node-progress': {
      const before = run.nodes.get(event.node)
      const progress = event.total > 0 ? event.done / event.total : undefined
      const steps =
        run.steps.get(event.node) === event.total ? run.steps : new Map(run.steps).set(event.node, event.total)
      return {
        ...withNode(run, event.node, { why: [], ...before, phase: 'running', progress, label: event.label }),
        steps,
      }
    }
    case 'item-finished':
      return run.shownItems.get(event.node) === event.item.index ? withoutShownItem(run, event.node) : run
    case 'node-losses':
      return { ...run, training: addLosses(run.training, event) }
    case 'node-finished':
    case 'node-cached': {
      const { status, why, durationMs } = event.report
      const next = withNode(run, event.node, { phase: status, why, durationMs })
      return { ...next, done: run.done + 1 }
    }
    case 'node-failed':
      return withNode(run, event.node, { phase: 'failed', why: [], error: event.error })
    case 'output':
      return { ...run, outputs: [...run.outputs, event.output] }
    case 'finished':
      return { ...run, state: 'finished', durationMs: event.durationMs }
    case 'failed':
      return markStopped({ ...run, state: 'failed', error: event.error })
    case 'cancelled':
      return markStopped({ ...run, state: 'cancelled' })
    default:
      return run
  }
}

/** The state with one more preview; of items that are worked on at once, only one's are taken, or they would take turns. */
export function addPreview(before: RunState, { header, bytes }: PreviewFrame): RunState {
  const { node, item } = header
  const shown = before.shownItems.get(node)
  if (item && shown !== undefined && shown !== item.index) return before
  const run = item ? { ...before, shownItems: new Map(before.shownItems).set(node, item.index) } : before
  if (header.kind !== 'picture') {
    const { reference = 1, width, height, step, group, leakage } = header
    const map: RoutingMap = { node, reference, width, height, step, group, leakage, cells: bytes.slice() }
    const isSame = (known: RoutingMap): boolean =>
      known.node === node && known.reference === reference && known.step === step && known.group === group
    return { ...run, routing: [...run.routing.filter((known) => !isSame(known)), map].slice(-mostMaps) }
  }
  const old = run.previews.get(header.node)
  if (old) URL.revokeObjectURL(old)
  const url = URL.createObjectURL(new Blob([bytes.slice()], { type: header.mediaType }))
  return { ...run, previews: new Map(run.previews).set(header.node, url) }
}

function withoutShownItem(run: RunState, node: string): RunState {
  const shownItems = new Map(run.shownItems)
  shownItems.delete(node)
  return { ...run, shownItems }
}

function withNode(run: RunState, id: string, node: NodeRun): RunState {
  return { ...run, nodes: new Map(run.nodes).set(id, node) }
}

function markStopped(run: RunState): RunState {
  const nodes = new Map(
    [...run.nodes].map(([id, node]) => [
      id,
      node.phase === 'running' ? { ...node, phase: 'cancelled' as const } : node,
    ]),
  )
  return { ...run, nodes }
}
