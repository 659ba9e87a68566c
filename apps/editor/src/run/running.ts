/** Running a tab's workflow: submit it, follow the job, and renew the seeds that ask for it. */
import { check, type JsonValue, type Problem } from '@dreamgraph/graph'
import type { JobEvent } from '@dreamgraph/protocol'
import type { Tab } from '../app/tab.js'
import type { Workspace } from '../app/workspace.js'
import { renewSeeds } from '../document/recipes/seeds.js'
import { packingOf } from '../dreamo/packing.js'
import { modelOf, nodesOfType, nodeTypes } from '../dreamo/references.js'
import { keepTiming } from '../dreamo/timings.js'
import { nextSeed, randomSeed } from '../widgets/seed-field.js'
import { addPreview, isActive, noRun, type RunState, reduceRun } from './run-state.js'

const following = new WeakMap<Tab, () => void>()

export interface RunOptions {
  /** Only these nodes and what they need. */
  readonly targets?: readonly string[]
  readonly first?: boolean
  /** Instead of the defaults of declared inputs. */
  readonly inputs?: Readonly<Record<string, JsonValue>>
}

export async function runTab(workspace: Workspace, tab: Tab, options: RunOptions = {}): Promise<void> {
  const errors = options.inputs ? errorsWith(workspace, tab, options.inputs) : workspace.problemsOf(tab).now().errors
  if (errors.length > 0) {
    workspace.page.set({ right: 'problems' })
    workspace.show(errors.length === 1 ? errors[0]!.message : `${errors.length} problems stand in the way`, 'bad')
    return
  }
  if (Object.keys(tab.store.document.nodes).length === 0) {
    workspace.show('There is nothing to run yet')
    return
  }
  await workspace.attempt(async () => {
    const { title } = tab.place.state
    const job = await workspace.backend.submit({ text: tab.store.text, inputs: {}, title, ...options })
    // One that still runs keeps the nodes; the new job is followed when nothing is in its way.
    followJob(workspace, tab, job.id, { size: sizeOfRun(workspace, tab) })
    tab.apply(renewSeeds((seed, control) => (control === 'random' ? randomSeed() : nextSeed(seed))))
    await workspace.readJobs()
  })
}

/** What the checker finds where other values than the document's are given. */
function errorsWith(workspace: Workspace, tab: Tab, inputs: Readonly<Record<string, JsonValue>>): readonly Problem[] {
  const result = check(tab.store.document, workspace.checkable, { inputs })
  return result.ok ? [] : result.errors
}

/** Shows a job on the nodes of a tab. `isKnown`: one that was followed before the page was loaded anew. */
export function followJob(
  workspace: Workspace,
  tab: Tab,
  job: string,
  { isKnown = false, size }: { readonly isKnown?: boolean; readonly size?: RunSize } = {},
): void {
  following.get(tab)?.()
  const { previews } = tab.run.state
  for (const url of previews.values()) URL.revokeObjectURL(url)
  tab.run.set({ ...noRun, job, state: 'queued', error: undefined, durationMs: undefined })
  const stop = workspace.backend.follow(job, {
    onEvent: (event) => {
      tab.run.set(reduceRun(tab.run.state, event))
      if (event.type === 'failed' && !isKnown) workspace.show(event.error.message, 'bad')
      if (size) keepSamplerTime(event, tab.run.state, size)
    },
    onPreview: (preview) => tab.run.set(addPreview(tab.run.state, preview)),
    onLost: (reason) => {
      tab.run.set({ ...noRun, job: undefined, state: undefined, error: undefined, durationMs: undefined })
      if (!isKnown) workspace.show(reason.message, 'bad')
    },
  })
  following.set(tab, stop)
}

/** What the time of a step hangs on. */
interface RunSize {
  readonly model: string
  readonly tokens: number
  readonly sampler: string
}

function sizeOfRun({ catalogue }: Workspace, { store }: Tab): RunSize | undefined {
  const { document } = store
  const [sampler, ...others] = nodesOfType(document, nodeTypes.sampler)
  const model = sampler === undefined || others.length > 0 ? undefined : modelOf(document, catalogue, sampler)
  const packing = packingOf(document, catalogue)
  return model === undefined || !packing ? undefined : { model, tokens: packing.total, sampler: sampler! }
}

/** The time that the sampler took, for the forecast of the next run. */
function keepSamplerTime(event: JobEvent, run: RunState, { model, tokens, sampler }: RunSize): void {
  if (event.type !== 'node-finished' || event.node !== sampler || event.report.status !== 'ran') return
  const steps = run.steps.get(sampler)
  const { durationMs } = event.report
  if (steps && durationMs !== undefined) keepTiming({ model, tokens, secondsPerStep: durationMs / 1000 / steps })
}

export async function stopTab(workspace: Workspace, tab: Tab): Promise<void> {
  const { run } = tab
  if (run.state.job !== undefined && isActive(run.state))
    await workspace.attempt(() => workspace.backend.cancel(run.state.job!))
}
