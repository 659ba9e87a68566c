// Losses of training stages, gathered for about a second: they are part of the log, since a curve with holes tells nothing.
import type { ExecutionEvent } from '@dreamgraph/graph'
import type { StageReport } from '@dreamgraph/nodes'
import type { LossLine, RunEvent } from '@dreamgraph/protocol'

type NodePreview = Extract<ExecutionEvent, { type: 'node-preview' }>
type LossEvent = Extract<RunEvent, { type: 'node-losses' }>

const everyMs = 1000

export interface LossTeller {
  /** Takes a preview of kind `training-step`. */
  readonly tell: (event: NodePreview) => void
  /** Tells what is left of a node, before its end is told. */
  readonly flush: (node: string) => void
}

export function lossTeller(put: (event: LossEvent) => void): LossTeller {
  const gathered = new Map<string, { event: LossEvent; sinceMs: number }>()
  const flush = (node: string): void => {
    const waiting = gathered.get(node)
    gathered.delete(node)
    if (waiting) put(waiting.event)
  }
  return {
    flush,
    tell({ node, preview }) {
      const { stage, steps, timeLeftMs, ...report } = preview as unknown as StageReport
      const waiting = gathered.get(node)
      const lines = [...(waiting?.event.lines ?? []), ...linesOf(report)]
      const sinceMs = waiting?.sinceMs ?? Date.now()
      const event: LossEvent = { type: 'node-losses', node, stage, steps, timeLeftMs: Math.max(0, timeLeftMs), lines }
      gathered.set(node, { event, sinceMs })
      if (report.step === steps || report.step === 1 || Date.now() - sinceMs >= everyMs) flush(node)
    },
  }
}

function linesOf({ step, byTask, gradientNorm, learningRate }: Omit<StageReport, 'stage' | 'steps' | 'timeLeftMs'>) {
  return Object.entries(byTask).map(
    ([task, losses]): LossLine => ({ step, task, losses: { ...losses }, gradientNorm, learningRate }),
  )
}
