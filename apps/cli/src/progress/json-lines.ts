// One JSON object per line on stdout, and nothing else there. The README lists the kinds.
import { isJsonObject, type JsonValue } from '@dreamgraph/graph'
import type { Reporter } from './reporter.js'

export function jsonReporter(): Reporter {
  return {
    log: (line) => void process.stderr.write(`${line}\n`),
    device: (line) => printJson({ type: 'device', line }),
    warning: (problem) => printJson({ type: 'warning', ...problem }),
    seed: (input, seed) => printJson({ type: 'seed', input, seed }),
    event: (event) => printJson(event.type === 'node-failed' ? { ...event, error: messageOf(event.error) } : event),
    written: (path) => printJson({ type: 'written', path }),
    result: (result) => printJson({ type: 'result', ...result }),
    close() {},
  }
}

/** Prints one line. Seeds become decimal text; bytes of previews are left out but for their number. */
export function printJson(value: object): void {
  process.stdout.write(`${JSON.stringify(value, plain)}\n`)
}

function plain(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return `${value}`
  if (value instanceof Map) return Object.fromEntries(value)
  if (ArrayBuffer.isView(value)) return { sizeBytes: value.byteLength }
  // A Buffer has turned itself into {type: 'Buffer', data: […]} before it comes here.
  if (isJsonObject(value) && value.type === 'Buffer' && Array.isArray(value.data))
    return { sizeBytes: value.data.length }
  return value as JsonValue
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
