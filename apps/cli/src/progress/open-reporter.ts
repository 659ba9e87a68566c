// Which form of reporting fits who listens.
import { barReporter } from './bars.js'
import { jsonReporter } from './json-lines.js'
import { plainReporter } from './plain.js'
import type { Reporter } from './reporter.js'

/** JSON lines when asked for, bars where a person watches, plain lines elsewhere. */
export function openReporter({ json }: { json?: boolean }): Reporter {
  if (json) return jsonReporter()
  return process.stderr.isTTY ? barReporter() : plainReporter()
}
