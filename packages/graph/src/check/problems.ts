/** Collects findings. Those inside a component are reported once, however often the component is used. */
import type { GraphErrorCode, Problem } from '../errors.js'
import { showValue } from '../json.js'

export interface Finding {
  readonly path: string
  readonly node?: string
  readonly socket?: string
  readonly param?: string
  /** Completes "expected …". */
  readonly rule: string
  readonly value: unknown
  /** The name that was probably meant, searched only while findings are few. */
  readonly suggest?: () => string | undefined
}

/** Looking for near names costs findings times names: a document of rubbish must not buy that. */
const maxSuggestions = 100

export class Problems {
  readonly list: Problem[] = []
  readonly #seen = new Set<string>()

  add(code: GraphErrorCode, finding: Finding): void {
    const { suggest, ...facts } = finding
    const { path, node, socket, param, rule, value } = facts
    const key = [code, path, socket, param, rule].join('\n')
    if (this.#seen.has(key)) return
    this.#seen.add(key)
    const name = socket ?? param
    const where = node === undefined ? `workflow ${path || '/'}` : `node ${node}${name === undefined ? '' : `.${name}`}`
    const suggestion = this.list.length < maxSuggestions ? suggest?.() : undefined
    const hint = suggestion === undefined ? '' : ` (did you mean "${suggestion}"?)`
    const shown = typeof value === 'bigint' ? `${value}` : value // findings are printed as JSON
    this.list.push({
      code,
      ...facts,
      value: shown,
      ...(suggestion !== undefined && { suggestion }),
      message: `${where}: expected ${rule}, got ${showValue(value)}${hint}`,
    })
  }
}
