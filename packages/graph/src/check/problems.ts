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
  readonly suggestion?: string
}

export class Problems {
  readonly list: Problem[] = []
  readonly #seen = new Set<string>()

  add(code: GraphErrorCode, finding: Finding): void {
    const { path, node, socket, param, rule, value, suggestion } = finding
    const key = [code, path, socket, param, rule].join('\n')
    if (this.#seen.has(key)) return
    this.#seen.add(key)
    const name = socket ?? param
    const where = node === undefined ? `workflow ${path || '/'}` : `node ${node}${name === undefined ? '' : `.${name}`}`
    const hint = suggestion === undefined ? '' : ` (did you mean "${suggestion}"?)`
    const shown = typeof value === 'bigint' ? `${value}` : value // findings are printed as JSON
    this.list.push({
      code,
      ...finding,
      value: shown,
      message: `${where}: expected ${rule}, got ${showValue(value)}${hint}`,
    })
  }
}
