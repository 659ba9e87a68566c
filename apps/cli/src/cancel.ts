// Ctrl-C once asks the run to stop and to tidy up; twice ends the process at once.
import { exitCodes } from './exit-codes.js'

export interface Cancellation {
  readonly signal: AbortSignal
  /** Leaves the process's signals as they were. */
  release(): void
}

/** Cancels on SIGINT and SIGTERM. `onFirst` tells the user that it was heard. */
export function cancelOnSignals(onFirst: () => void): Cancellation {
  const controller = new AbortController()
  const onSignal = (): void => {
    if (controller.signal.aborted) process.exit(exitCodes.cancelled)
    controller.abort(new Error('cancelled by a signal'))
    onFirst()
  }
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)
  return {
    signal: controller.signal,
    release() {
      process.off('SIGINT', onSignal)
      process.off('SIGTERM', onSignal)
    },
  }
}
