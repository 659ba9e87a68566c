// How a training goes, in the forms that runs of workflows are told in: bars, plain lines, JSON lines.
import type { StageReport } from '@dreamgraph/train'
import { printJson } from './json-lines.js'
import { openReporter } from './open-reporter.js'
import { describeDuration } from './wording.js'

export interface TrainingReporter {
  /** A line of the runtime or about what is being done. */
  log(line: string): void
  device(line: string): void
  step(report: StageReport): void
  written(path: string): void
  /** Puts the terminal in order. Must be called however the training ends. */
  close(): void
}

export function openTrainingReporter(options: { json?: boolean }): TrainingReporter {
  const reporter = openReporter(options)
  const stages = new Map<string, number>()
  return {
    ...reporter,
    step(report) {
      if (options.json) {
        printJson({ type: 'step', ...report })
        return
      }
      const { stage: node, step: done, steps: total } = report
      const startedAtMs = stages.get(node) ?? Date.now()
      if (!stages.has(node)) {
        stages.set(node, startedAtMs)
        reporter.event({ seq: 0, type: 'node-started', node })
      }
      reporter.event({ seq: 0, type: 'node-progress', node, done, total, label: describeStep(report) })
      if (done < total) return
      const durationMs = Date.now() - startedAtMs
      const finished = { id: node, type: 'stage', status: 'ran' as const, why: [], durationMs }
      reporter.event({ seq: 0, type: 'node-finished', node, report: finished })
    },
  }
}

/** `diff 0.981, route 0.12; 3.2 examples/s, 4 min 10 s left`. */
export function describeStep({ losses, examplesPerSecond, timeLeftMs }: StageReport): string {
  const means = Object.entries(losses).map(([name, value]) => `${name} ${value.toPrecision(3)}`)
  const pace = `${examplesPerSecond.toPrecision(2)} examples/s`
  return `${means.join(', ')}; ${pace}, ${describeDuration(timeLeftMs)} left`
}
