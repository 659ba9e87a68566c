// The words for what nodes and runs did, shared by bars and plain lines.
import type { ItemPosition, NodeReport } from '@dreamgraph/graph'
import type { ReportedResult } from './reporter.js'

/** ` 2/4` for an item of a mapped node, nothing otherwise. */
export function position(item: ItemPosition | undefined): string {
  return item ? ` ${item.index + 1}/${item.count}` : ''
}

/** `sample: ran in 3.2 s` or `text: cached`. */
export function describeFinished({ id, status, tier, items, durationMs }: NodeReport): string {
  const duration = durationMs === undefined ? '' : ` in ${describeDuration(durationMs)}`
  const count = items ? ` (${items.ran} of ${items.count} items)` : ''
  if (status === 'cached') return `${id}: cached${tier === 'store' ? ' on disk' : ''}`
  return `${id}: ${status}${duration}${count}`
}

export function describeDuration(durationMs: number): string {
  if (durationMs < 1000) return `${Math.round(durationMs)} ms`
  const seconds = durationMs / 1000
  return seconds < 60 ? `${seconds.toFixed(1)} s` : `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`
}

export function describeSize(sizeBytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB']
  const power = Math.min(Math.floor(Math.log10(Math.max(sizeBytes, 1)) / 3), units.length - 1)
  const value = sizeBytes / 1000 ** power
  return `${power === 0 ? value : value.toPrecision(3)} ${units[power]}`
}

/** The declared outputs, a line each, and how long it all took. */
export function describeOutputs({ outputs, missing, nodes, durationMs, memory }: ReportedResult): string[] {
  const ran = nodes.filter(({ status }) => status === 'ran').length
  const cached = nodes.filter(({ status }) => status === 'cached').length
  const took =
    memory && `; models took up to ${describeSize(memory.peakBytes)}, planned ${describeSize(memory.plannedBytes)}`
  return [
    ...Object.entries(outputs).map(
      ([name, value]) => `${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`,
    ),
    ...Object.entries(missing).map(([name, why]) => `${name}: not made (${why})`),
    `done in ${describeDuration(durationMs)}: ${ran} ran, ${cached} cached${took ?? ''}`,
  ]
}
