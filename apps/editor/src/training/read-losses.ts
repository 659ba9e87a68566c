/** A table of losses as `train/save-losses` and stages write it (CSV, RFC 4180), read back. */
import type { LossLine } from '@dreamgraph/protocol'
import type { TrainingStage } from './stages.js'

const known = new Set(['step', 'task', 'gradient_norm', 'learning_rate', 'stage'])

/** Throws for a text that is no such table, with its first fault. */
export function readLosses(text: string, fallback = 'training'): TrainingStage[] {
  const [head = [], ...rows] = text
    .split(/\r?\n/)
    .filter((line) => line !== '')
    .map(cellsOf)
  for (const name of ['step', 'task']) {
    if (!head.includes(name))
      throw new Error(`losses: expected a column "${name}", got ${head.join(', ').slice(0, 80)}`)
  }
  const stages = new Map<string, LossLine[]>()
  for (const [index, cells] of rows.entries()) {
    const record = Object.fromEntries(head.map((name, at) => [name, cells[at] ?? '']))
    const step = Number(record.step)
    if (!Number.isInteger(step) || step < 1) {
      throw new Error(`losses line ${index + 2}: expected a step from 1 on, got "${record.step}"`)
    }
    const losses = head.filter((name) => !known.has(name) && record[name] !== '')
    const line: LossLine = {
      step,
      task: record.task!,
      losses: Object.fromEntries(losses.map((name) => [name, Number(record[name])])),
      gradientNorm: Number(record.gradient_norm),
      learningRate: Number(record.learning_rate),
    }
    const stage = record.stage || fallback
    const lines = stages.get(stage)
    if (lines) lines.push(line)
    else stages.set(stage, [line])
  }
  return [...stages].map(([name, lines]) => ({ name, lines, steps: lines.at(-1)!.step }))
}

function cellsOf(line: string): string[] {
  const cells: string[] = []
  for (const [, quoted, plain] of line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)) {
    cells.push(quoted === undefined ? plain! : quoted.replaceAll('""', '"'))
  }
  return cells
}
