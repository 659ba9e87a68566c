// How a download goes: a bar where a person watches, a line now and then elsewhere, JSON lines when asked for.
import type { DownloadProgress } from '@dreamgraph/store'
import { type Options, SingleBar } from 'cli-progress'
import { printJson } from './json-lines.js'
import { describeDuration, describeSize } from './wording.js'

export interface DownloadReporter {
  log(line: string): void
  progress(progress: DownloadProgress): void
  /** Puts the terminal in order. Must be called however the download ends. */
  close(): void
}

const style: Options = {
  stream: process.stderr,
  format: ' {bar} {done} of {whole} {pace} {file}',
  barsize: 24,
  hideCursor: true,
  clearOnComplete: true,
  linewrap: false,
  gracefulExit: false, // signals are the command's own business
}

export function openDownloadReporter({ json }: { json?: boolean }): DownloadReporter {
  if (json) return { log: toStderr, progress: atMost(1000, (at) => printJson({ type: 'progress', ...at })), close() {} }
  return process.stderr.isTTY ? barReporter() : plainReporter()
}

function plainReporter(): DownloadReporter {
  const paceOf = openPace()
  const progress = atMost(5000, (at: DownloadProgress) => {
    const { file, doneBytes, totalBytes } = at
    toStderr(`${describeSize(doneBytes)} of ${describeSize(totalBytes)}${commaed(paceOf(at))}: ${file}`)
  })
  return { log: toStderr, progress, close() {} }
}

function barReporter(): DownloadReporter {
  const paceOf = openPace()
  let bar: SingleBar | undefined
  const close = (): void => {
    bar?.stop()
    bar = undefined
  }
  return {
    log(line) {
      close() // drawn again below the line
      toStderr(line)
    },
    progress: atMost(100, (at: DownloadProgress) => {
      const { file, doneBytes, totalBytes } = at
      const words = { file, done: describeSize(doneBytes), whole: describeSize(totalBytes), pace: paceOf(at) }
      if (!bar) {
        bar = new SingleBar(style)
        bar.start(totalBytes, doneBytes, words)
      }
      bar.update(doneBytes, words)
    }),
    close,
  }
}

/** `41.2 MB/s, 3 min 5 s left`, over the last seconds; nothing until there is something to measure. */
function openPace(): (progress: DownloadProgress) => string {
  const windowMs = 10_000
  let samples: { atMs: number; doneBytes: number }[] = []
  return ({ doneBytes, totalBytes }) => {
    const atMs = Date.now()
    // Thrown away and begun anew: what was measured before says nothing.
    if (doneBytes < (samples.at(-1)?.doneBytes ?? 0)) samples = []
    samples = [...samples.filter((sample) => atMs - sample.atMs < windowMs), { atMs, doneBytes }]
    const elapsedMs = atMs - samples[0]!.atMs
    const bytesPerMs = (doneBytes - samples[0]!.doneBytes) / elapsedMs
    if (elapsedMs < 500 || bytesPerMs <= 0) return ''
    return `${describeSize(Math.round(1000 * bytesPerMs))}/s, ${describeDuration((totalBytes - doneBytes) / bytesPerMs)} left`
  }
}

/** Lets the first through, and then one per interval; the last of all always. */
function atMost(intervalMs: number, tell: (progress: DownloadProgress) => void): (progress: DownloadProgress) => void {
  let toldAtMs = -Infinity
  return (progress) => {
    const isLast = progress.doneBytes === progress.totalBytes
    if (Date.now() - toldAtMs < intervalMs && !isLast) return
    toldAtMs = Date.now()
    tell(progress)
  }
}

const commaed = (text: string): string => (text === '' ? '' : `, ${text}`)

const toStderr = (line: string): void => void process.stderr.write(`${line}\n`)
