// One try of one job: the document as it came, its pictures by digest, its events in order.
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type ExecutionEvent, type Plan, parseWorkflow, RunCancelled } from '@dreamgraph/graph'
import type { Workbench } from '@dreamgraph/nodes'
import type { Assignment, RunEvent, TryEnd } from '@dreamgraph/protocol'
import { makeFolder } from '@dreamgraph/store'
import { mostEventChars } from './outbox.js'
import { fileOutput, valueOutputs } from './outputs.js'
import type { ServerFiles } from './server-files.js'
import { eventTeller, failureOf } from './tell-events.js'
import type { PreviewTeller } from './tell-previews.js'

export interface JobRunOptions {
  readonly bench: Workbench
  readonly files: ServerFiles
  readonly assignment: Assignment
  /** Folder for this try's files. */
  readonly folder: string
  readonly previews: PreviewTeller
  readonly signal: AbortSignal
  readonly put: (event: RunEvent) => void
}

/** Runs it to its end; never throws. */
export async function runJob(options: JobRunOptions): Promise<TryEnd> {
  const { signal, folder } = options
  const startedAtMs = Date.now()
  try {
    await makeFolder(folder)
    await run(options)
    return { type: 'finished', durationMs: Date.now() - startedAtMs }
  } catch (error) {
    if (signal.aborted || error instanceof RunCancelled) return { type: 'cancelled' }
    return { type: 'failed', error: failureOf(error) }
  } finally {
    await rm(folder, { recursive: true, force: true }).catch(() => {})
  }
}

async function run(options: JobRunOptions): Promise<void> {
  const { bench, files, assignment, folder, previews, signal } = options
  const put = (event: RunEvent) => {
    expectSmall(event)
    options.put(event)
  }
  const { inputs, doneEffects, cache } = assignment
  const loaded = parseWorkflow(assignment.workflow)
  const checked = bench.check(loaded, inputs)
  const targets = checked.ok ? targetsOf(checked.plan, assignment) : assignment.targets
  if (targets?.length === 0 && doneEffects.length > 0) return // an earlier try has done it all
  // Files are stored before the event that their node has finished, and everything keeps its order.
  let told: Promise<void> = Promise.resolve()
  const inTurn = (work: () => Promise<void> | void) => {
    told = told.then(work)
    told.catch(() => {}) // thrown on below, after the run
  }
  // A node has finished when its result is kept: whoever hears of it counts on that.
  const putKept = (event: RunEvent) => {
    const kept = event.type === 'node-finished' || event.type === 'item-finished' ? bench.settled() : undefined
    inTurn(async () => {
      await kept
      put(event)
    })
  }
  const tell = checked.ok ? eventTeller(checked.plan as Plan<never>, putKept) : () => {}
  const result = await bench
    .run(loaded, {
      inputs,
      targets,
      signal,
      cache,
      outputFolder: folder,
      resolveInput: (path) => inputPath(path, assignment, files, signal),
      wantsPreview: previews.wants,
      onWritten: (written) => {
        inTurn(async () => put({ type: 'output', output: await fileOutput(files, folder, written) }))
      },
      onEvent: (event: ExecutionEvent) => {
        if (event.type === 'node-preview') previews.tell(event)
        tell(event)
      },
    })
    .finally(() => told)
  for (const [name, value] of Object.entries(result.outputs)) {
    for (const output of await valueOutputs(files, name, value)) put({ type: 'output', output })
  }
}

/** A server takes no larger one, and would be asked for ever. */
function expectSmall(event: RunEvent): void {
  const chars = JSON.stringify(event).length
  if (chars <= mostEventChars) return
  const rule = `an event of at most ${mostEventChars} characters`
  const message = `worker: expected ${rule}, got "${event.type}" of ${chars}`
  throw Object.assign(new Error(message), { code: 'worker/event-too-large', userFault: true })
}

/** What is left to do: everything, without the effects that an earlier try has had. */
function targetsOf<S>(plan: Plan<S>, { targets, doneEffects }: Assignment): string[] | undefined {
  if (doneEffects.length === 0) return targets
  const done = new Set(doneEffects)
  if (targets) return targets.filter((id) => !done.has(id))
  const behindOutputs = plan.outputs.flatMap(({ source }) => {
    const node = source && source.node >= 0 ? plan.nodes[source.node] : undefined
    return node ? [node.id] : []
  })
  const effects = plan.nodes.filter(({ node, state }) => node.effect && state === 'run').map(({ id }) => id)
  return [...new Set([...behindOutputs, ...effects])].filter((id) => !done.has(id))
}

/** Pictures by what the submission fixed; anything else is looked for as the worker's settings say. */
async function inputPath(
  path: string,
  { files: known }: Assignment,
  files: ServerFiles,
  signal: AbortSignal,
): Promise<string | undefined> {
  const digest = Object.hasOwn(known, path) ? known[path] : undefined
  return digest === undefined ? undefined : files.fetchInput(digest, path, signal)
}

export const tryFolder = (home: string, lease: string): string => join(home, 'tries', lease)
