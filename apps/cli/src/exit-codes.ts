// How the command ends, as a number that scripts can rely on.
import { userFaultOf } from './faults.js'

export const exitCodes = {
  done: 0,
  /** Something went wrong while running: a device, memory, a full disk, a bug of ours; or a picture did not reproduce. */
  failed: 1,
  /** What was given is wrong: the command line, a document, a param, a file, a model that does not fit. */
  invalidInput: 2,
  /** Stopped by SIGINT (Ctrl-C) or SIGTERM. */
  cancelled: 130,
} as const

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]

const stopped = new Set(['run/cancelled', 'runtime/cancelled', 'train/stopped', 'cli/stopped'])
/** Faults that better input would not have prevented. */
const whileRunning = new Set([
  'run/conversion',
  'nodes/pack-failed',
  'nodes/pack-ended',
  'nodes/pack-overdue',
  'nodes/pack-too-large',
  'store/write-failed',
  'store/file-changing',
  'store/folder-in-use',
  'store/disk-full',
  'store/hub-unreachable',
  'store/download-damaged',
  'train/diverged',
])
const aboutInput = new Set([
  'runtime/device-unavailable',
  'runtime/option-invalid',
  'runtime/weights-missing',
  'runtime/weights-truncated',
])

export function exitCodeOf(error: unknown): ExitCode {
  const fault = userFaultOf(error)
  if (!fault) return exitCodes.failed
  const { code } = fault
  if (stopped.has(code)) return exitCodes.cancelled
  if (code.startsWith('runtime/')) return aboutInput.has(code) ? exitCodes.invalidInput : exitCodes.failed
  return whileRunning.has(code) ? exitCodes.failed : exitCodes.invalidInput
}
