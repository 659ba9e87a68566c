/** How long a step of the sampler took on this server with so many tokens, kept in the browser; and what that foretells. */
export interface Timing {
  readonly model: string
  readonly tokens: number
  readonly secondsPerStep: number
}

const storageKey = 'dreamgraph/timings'
const mostKept = 40

export function readTimings(): Timing[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(storageKey) ?? '[]')
    return Array.isArray(kept) ? (kept as Timing[]) : []
  } catch {
    return []
  }
}

/** The newest of a model and size takes the place of older ones. */
export function keepTiming(timing: Timing): void {
  const others = readTimings().filter(({ model, tokens }) => model !== timing.model || tokens !== timing.tokens)
  try {
    localStorage.setItem(storageKey, JSON.stringify([timing, ...others].slice(0, mostKept)))
  } catch {
    // Without room to keep it there is no forecast, and nothing else is missing.
  }
}

/**
 * Seconds of a step with so many tokens, from the run that was nearest in size. Linear layers grow with tokens, attention
 * with their square; half of each is near enough between sizes of pictures that one machine can make.
 */
export function foretell(
  timings: readonly Timing[],
  model: string,
  tokens: number,
): { readonly secondsPerStep: number; readonly isMeasured: boolean } | undefined {
  const far = (timing: Timing): number => Math.abs(Math.log(timing.tokens / tokens))
  const [near] = timings.filter((timing) => timing.model === model).toSorted((a, b) => far(a) - far(b))
  if (!near) return undefined
  const ratio = tokens / near.tokens
  return { secondsPerStep: (near.secondsPerStep * (ratio + ratio * ratio)) / 2, isMeasured: ratio === 1 }
}
