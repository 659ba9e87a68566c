// The highest memory of some processes together, looked at several times a second. Linux only; zeros elsewhere.
import { readFileSync } from 'node:fs'

const everyMs = 200

export interface MemoryPeaks {
  readonly peakBytes: number
  readonly peakAnonymousBytes: number
}

export function watchMemory(pids: () => readonly (number | undefined)[]): { stop(): MemoryPeaks } {
  const peaks = { peakBytes: 0, peakAnonymousBytes: 0 }
  const look = (): void => {
    const now = pids().map(residentBytes)
    peaks.peakBytes = Math.max(peaks.peakBytes, sum(now.map(({ all }) => all)))
    peaks.peakAnonymousBytes = Math.max(peaks.peakAnonymousBytes, sum(now.map(({ anonymous }) => anonymous)))
  }
  const timer = setInterval(look, everyMs)
  return {
    stop() {
      clearInterval(timer)
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
