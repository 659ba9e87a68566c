// Processes by their numbers, which mean something within one space of them alone.
import { readlinkSync } from 'node:fs'

/** Whether a process has this number, also one of another user. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0) // signal 0 only asks
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH'
  }
}

/** Containers may share a host name and a volume but not their process ids. Empty where there are no such spaces. */
export function pidNamespace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid')
  } catch {
    return ''
  }
}
