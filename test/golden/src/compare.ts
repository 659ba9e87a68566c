// Compares computed tensors with the recorded ones: |got − want| ≤ atol + rtol·|want| everywhere.
import type { GoldenCase } from './case-folder.js'

export interface Verdict {
  readonly name: string
  readonly maxAbs: number
  readonly maxRel: number
  readonly atol: number
  /** Largest |got − want| / (atol + rtol·|want|): up to 1 passes. */
  readonly share: number
  readonly passed: boolean
  /** Root mean square of the error over that of what is wanted. */
  readonly relative: number
  readonly problem?: string
}

/** Compares everything the case wants; what was not computed fails. */
export function compareCase(golden: GoldenCase, computed: ReadonlyMap<string, ArrayLike<number>>): Verdict[] {
  return golden.wanted.map(({ name, atol, rtol }) => {
    const [got, want] = [computed.get(name), golden.tensor(name).data]
    const problem = !got
      ? 'not computed'
      : got.length === want.length
        ? undefined
        : `${got.length} values, not ${want.length}`
    if (!got || problem)
      return {
        name,
        maxAbs: Number.NaN,
        maxRel: Number.NaN,
        relative: Number.NaN,
        atol,
        share: Number.NaN,
        passed: false,
        problem,
      }
    let [maxAbs, maxRel, share, squares, size] = [0, 0, 0, 0, 0]
    for (let i = 0; i < want.length; i++) {
      const error = Math.abs(got[i] - want[i])
      const bound = atol + rtol * Math.abs(want[i])
      maxAbs = Math.max(maxAbs, error)
      squares += error ** 2
      size += want[i] ** 2
      if (want[i] !== 0) maxRel = Math.max(maxRel, error / Math.abs(want[i]))
      // An exact match passes a bound of zero; NaN passes nothing.
      share = Math.max(share, error === 0 ? 0 : error / bound)
    }
    const relative = squares === 0 ? 0 : Math.sqrt(squares / size)
    return { name, maxAbs, maxRel, relative, atol, share, passed: share <= 1 }
  })
}
