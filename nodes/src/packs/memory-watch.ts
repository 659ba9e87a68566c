// Node's own limit counts JavaScript objects and not the arrays that pictures are made of, so the whole process is watched.
import { readFile } from 'node:fs/promises'

const intervalMs = 100

/** Calls back once when a process holds more than `maxBytes` of memory. Only where there is /proc. Returns how to stop. */
export function watchMemory(pid: number, maxBytes: number, onExceeded: (rssBytes: number) => void): () => void {
  const timer = setInterval(async () => {
    const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
    const rssBytes = Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024
    if (rssBytes <= maxBytes) return
    clearInterval(timer)
    onExceeded(rssBytes)
  }, intervalMs)
  timer.unref()
  return () => clearInterval(timer)
}
