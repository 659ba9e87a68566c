// The highest memory of some processes together, looked at again and again. Linux only; zeros elsewhere.
import { readFileSync } from 'node:fs'

export interface MemoryPeaks {
  readonly peakBytes: number
  /** Without the pages of mapped files, such as weights, which the system may drop. */
  readonly peakAnonymousBytes: number
}

export function watchMemory(pids: () => readonly (number | undefined)[], everyMs: number): { stop(): MemoryPeaks } {
  const peaks = { peakBytes: 0, peakAnonymousBytes: 0 }
  const look = (): void => {
    const now = pids().map(residentBytes)
    peaks.peakBytes = Math.max(peaks.peakBytes, sum(now.map(({ all }) => all)))
    peaks.peakAnonymousBytes = Math.max(peaks.peakAnonymousBytes, sum(now.map(({ anonymous }) => anonymous)))
  }
  look()
  const timer = setInterval(look, everyMs)
  return {
    stop() {
      clearInterval(timer)
      look()
      return peaks
    },
  }
}

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0)

function residentBytes(pid: number | undefined): { readonly all: number; readonly anonymous: number } {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8')
    const bytes = (field: string): number =>
      Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1] ?? 0) * 1024
    return { all: bytes('VmRSS'), anonymous: bytes('RssAnon') }
  } catch {
    return { all: 0, anonymous: 0 } // it has ended, or this is not Linux
  }
}
