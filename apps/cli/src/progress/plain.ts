// Plain lines, for logs and pipes: progress goes to stderr, what was made to stdout.
import type { PromptFinding } from '@dreamgraph/dreamo'
import type { ExecutionEvent, Preview } from '@dreamgraph/graph'
import { describeProblem } from '../problems.js'
import type { ReportedResult, Reporter } from './reporter.js'
import { describeFinished, describeOutputs, position } from './wording.js'

/** A log of a long run should show that it moves, not every step. */
const quietMs = 5000

export function plainReporter(print = (line: string): void => void process.stderr.write(`${line}\n`)): Reporter {
  const startedAtMs = new Map<string, number>()
  const printedAtMs = new Map<string, number>()

  const onEvent = (event: ExecutionEvent): void => {
    switch (event.type) {
      case 'node-started':
        startedAtMs.set(event.node, Date.now())
        break
      case 'node-progress': {
        const now = Date.now()
        if (now - (printedAtMs.get(event.node) ?? startedAtMs.get(event.node) ?? now) < quietMs) break
        printedAtMs.set(event.node, now)
        print(`${event.node}${position(event.item)}: ${event.done}/${event.total} ${event.label ?? ''}`.trimEnd())
        break
      }
      case 'node-preview':
        for (const finding of promptFindings(event.preview)) print(`${event.node}: ${finding}`)
        break
      case 'node-finished':
      case 'node-cached':
        print(describeFinished(event.report))
        break
    }
  }
  return {
    log: print,
    device: print,
    warning: (problem) => print(describeProblem('warning', problem)),
    seed: (input, seed) => print(`${input}: drew seed ${seed}`),
    event: onEvent,
    written: (path) => void process.stdout.write(`wrote ${path}\n`),
    result(result: ReportedResult) {
      for (const line of describeOutputs(result)) process.stdout.write(`${line}\n`)
    },
    close() {},
  }
}

/** What the prompt and its references say about each other; other previews are pictures and numbers for editors. */
function promptFindings({ kind, findings }: Preview): string[] {
  if (kind !== 'prompt-findings') return []
  return (findings as PromptFinding[]).map(({ severity, message }) => `${severity}: ${message}`)
}
