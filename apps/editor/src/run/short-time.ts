/** A duration in the words of a badge. */
export function shortTime(ms: number | undefined): string {
  if (ms === undefined) return 'done'
  if (ms < 1000) return `${Math.max(1, Math.round(ms))} ms`
  return ms < 60_000
    ? `${(ms / 1000).toFixed(1)} s`
    : `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1000)} s`
}
