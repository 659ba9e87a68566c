// losses.csv: one line for each step and task. Lines behind the step of a checkpoint are dropped when a run resumes.
import { appendFile, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { writeFileAtomic } from '@dreamgraph/store'
import type { LossName } from './bucket-graph.js'
import { TrainError } from './errors.js'

export interface LossLine {
  readonly step: number
  readonly task: string
  /** Means over the step's micro-batches of this task that have the loss. */
  readonly losses: Readonly<Partial<Record<LossName, number>>>
  /** Of the whole step. */
  readonly gradientNorm: number
  readonly learningRate: number
}

const lossNames = ['diff', 'route', 'holder', 'within', 'naming', 'reading'] as const satisfies readonly LossName[]
const columns = ['step', 'task', ...lossNames, 'gradient_norm', 'learning_rate'] as const

export interface LossLog {
  /** From the first step on, in order. */
  readonly lines: readonly LossLine[]
  append(lines: readonly LossLine[]): Promise<void>
}

/** Opens the log of a stage that has done `step` steps. Values are written in full, so equal runs give equal files. */
export async function openLossLog(folder: string, step: number): Promise<LossLog> {
  const path = join(folder, 'losses.csv')
  const lines = (await readLosses(folder)).filter((line) => line.step <= step)
  await writeFileAtomic(path, [columns.join(), ...lines.map(printLine), ''].join('\n'))
  return {
    lines,
    async append(more) {
      lines.push(...more)
      await appendFile(path, more.map((line) => `${printLine(line)}\n`).join(''))
    },
  }
}

/** The log of a stage's folder; none where it has not begun. Throws train/checkpoint-invalid where it cannot be read. */
export async function readLosses(folder: string): Promise<LossLine[]> {
  const path = join(folder, 'losses.csv')
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return ''
    throw new TrainError('train/checkpoint-invalid', `${path}: expected a readable file, got ${error.code}`)
  })
  // What has no line feed behind it was torn. Logs of before a loss was known have no column for it.
  const [header, ...lines] = text.split('\n').slice(0, -1)
  return lines.map((line) => parseLine(line, header.split(',').slice(2)))
}

/** The lines of several stages as one table, each line with its stage at the end. */
export function printLosses(
  stages: readonly { readonly stage: string; readonly lines: readonly LossLine[] }[],
): string {
  const rows = stages.flatMap(({ stage, lines }) => lines.map((line) => `${printLine(line)},${quoted(stage)}`))
  return [[...columns, 'stage'].join(), ...rows, ''].join('\n')
}

function printLine({ step, task, losses, gradientNorm, learningRate }: LossLine): string {
  return [step, quoted(task), ...lossNames.map((name) => losses[name] ?? ''), gradientNorm, learningRate].join()
}

const quoted = (text: string): string => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)

/** A line under a header; `names` are those of the columns behind step and task. */
function parseLine(text: string, names: readonly string[]): LossLine {
  const [, step, inQuotes, plain, rest] = /^(\d+),(?:"((?:[^"]|"")*)"|([^,]*)),(.*)$/.exec(text) ?? []
  const values = (rest ?? '').split(',')
  const record = new Map(names.map((name, i) => [name, values[i]]))
  const losses = lossNames.filter((name) => record.get(name))
  return {
    step: Number(step),
    task: inQuotes === undefined ? plain : inQuotes.replaceAll('""', '"'),
    losses: Object.fromEntries(losses.map((name) => [name, Number(record.get(name))])),
    gradientNorm: Number(record.get('gradient_norm')),
    learningRate: Number(record.get('learning_rate')),
  }
}
