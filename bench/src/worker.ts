// Work in a process of its own: a heap that nothing else has touched, and a peak that is the work's alone.
import { fork } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** A module that exports `work`; the URL is relative to the module that asks. */
export type Work<A, R> = (options: A) => Promise<R>

/** Forks a process, has it call the module's `work` with these options, and returns what that returns. Both are JSON. */
export function inWorker<A, R>(module: URL, options: A): Promise<R> {
  const entry = fileURLToPath(new URL('./worker-main.js', import.meta.url))
  const child = fork(entry, [module.href, JSON.stringify(options)])
  return new Promise((resolve, reject) => {
    let answer: { readonly value: R } | undefined
    child.on('message', (message) => {
      answer = message as { value: R }
    })
    child.on('error', reject)
    child.on('exit', (code, signal) => {
      if (answer) resolve(answer.value)
      else reject(new Error(`bench worker ${module.pathname}: expected an answer, got its end by ${signal ?? code}`))
    })
  })
}

/**
 * Highest resident memory of a process so far, in bytes; `reported` is what it says of itself.
 * On Linux the kernel's mark of the program's own memory wins: getrusage keeps what its parent held before exec.
 */
export function peakBytes(pid = process.pid, reported = process.resourceUsage().maxRSS * 1024): number {
  if (process.platform !== 'linux') return reported
  const kib = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return Number(kib) * 1024
}

export const mib = (bytes: number): number => bytes / 2 ** 20
