// What a run tells the user while it goes on, whatever the form.
import type { ExecutionEvent, JsonValue, NodeReport, Problem } from '@dreamgraph/graph'

export interface Reporter {
  /** A line of the runtime or the cache. */
  log(line: string): void
  /** What was chosen to run on, and why. */
  device(line: string): void
  warning(problem: Problem): void
  /** A seed drawn for an input whose value was `random`. */
  seed(input: string, seed: string): void
  event(event: ExecutionEvent): void
  written(path: string): void
  /** The last word of a run that succeeded. */
  result(result: ReportedResult): void
  /** Puts the terminal in order. Must be called however the run ends. */
  close(): void
}

export interface ReportedResult {
  readonly outputs: Readonly<Record<string, JsonValue>>
  /** Declared outputs that were not made, and why. */
  readonly missing: Readonly<Record<string, string>>
  readonly written: readonly string[]
  readonly nodes: readonly NodeReport[]
  readonly durationMs: number
  /** Of the process that computed: its highest resident memory, and what was planned for; absent where it was none of ours. */
  readonly memory?: { readonly peakBytes: number; readonly plannedBytes: number }
}
