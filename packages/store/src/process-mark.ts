// What tells one process from all others: its number alone does not, as another has it after a restart of the machine or in
// another container.
import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { isRunning, pidNamespace } from './processes.js'

export interface ProcessMark {
  readonly pid: number
  /** Machine, its start and its space of process numbers: within it a number can be looked for. */
  readonly place: string
  /** When it began, as the system counts; empty where it does not say. */
  readonly began: string
}

const place = [hostname(), readText('/proc/sys/kernel/random/boot_id'), pidNamespace()].join(' ')

export const thisProcess = (): ProcessMark => ({ pid: process.pid, place, began: beginOf(process.pid) })

/** Undefined for what is no mark, such as a file that a full disk has left empty. */
export function readMark(text: string): ProcessMark | undefined {
  try {
    const { pid, place: its, began }: Partial<ProcessMark> = Object(JSON.parse(text))
    const isMark = Number.isInteger(pid) && pid! > 0 && typeof its === 'string' && typeof began === 'string'
    return isMark ? { pid: pid!, place: its!, began: began! } : undefined
  } catch {
    return undefined
  }
}

/** Whether the process lives that wrote the mark; unknown where it cannot be seen, or not be told from a later one. */
export function lookFor({ pid, place: its, began }: ProcessMark): 'lives' | 'gone' | 'unknown' {
  if (its !== place) return 'unknown'
  if (!isRunning(pid)) return 'gone'
  const now = beginOf(pid)
  if (now === '') return 'unknown'
  return now === began ? 'lives' : 'gone'
}

/** Field 22 of /proc/<pid>/stat, in clock ticks since the machine's start; the name before it may hold anything. */
function beginOf(pid: number): string {
  return readText(`/proc/${pid}/stat`).split(') ').at(-1)!.split(' ')[19] ?? ''
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch {
    return ''
  }
}
