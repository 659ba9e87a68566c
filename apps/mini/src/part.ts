// A part of the recipe as a command: what it is told, what it computes on, and an end that leaves what it takes to go on.
import { openRuntime, type Runtime } from '@dreamgraph/runtime'
import { TrainError } from '@dreamgraph/train'
import { type RecipeOptions, readOptions, type SomeOption } from './options.js'

export interface Part extends RecipeOptions {
  readonly runtime: Runtime
  /** Aborted by SIGINT and SIGTERM. */
  readonly signal: AbortSignal
}

/** As of every command that a signal ended. */
const stoppedCode = 130
/** Within this time a second signal is the first once more: a terminal and npm both hand on one Ctrl-C. */
const echoMs = 1000

/** Does the work of a part; `takes` names the options that it takes beside folder and share. A signal lets it end its step and write a checkpoint; a second one ends the process at once. */
export async function runPart(takes: readonly SomeOption[], work: (part: Part) => Promise<void>): Promise<void> {
  const options = readOptions(takes)
  const abort = new AbortController()
  let heardAtMs = 0
  const onSignal = (): void => {
    if (abort.signal.aborted && performance.now() - heardAtMs > echoMs) process.exit(stoppedCode)
    if (abort.signal.aborted) return
    heardAtMs = performance.now()
    abort.abort(new Error('stopped by a signal'))
    console.error('stopping after this step … (again to quit at once)')
  }
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal)
  const runtime = await openRuntime({ device: 'cpu' })
  try {
    await work({ ...options, runtime, signal: abort.signal })
  } catch (error) {
    if (!isStop(error, abort.signal)) throw error
    console.error(`${(error as Error).message}; the same command goes on from there`)
    process.exitCode = stoppedCode
  } finally {
    await runtime.close()
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal)
  }
}

/** Training ends with a checkpoint and its own error; all else that listens to the signal throws its reason, or wraps it. */
const isStop = (error: unknown, { aborted, reason }: AbortSignal): boolean =>
  aborted && (error === reason || (error instanceof TrainError ? error.code === 'train/stopped' : isCancelled(error)))

const isCancelled = (error: unknown): boolean => (error as { code?: unknown }).code === 'runtime/cancelled'
