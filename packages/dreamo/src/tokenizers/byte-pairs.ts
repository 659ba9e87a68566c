// Learns the merges of byte-pair encoding for a list of words, until each word is one symbol.

/** A pair of neighbouring symbols that becomes one; earlier pairs are merged first. */
export type Merge = readonly [left: string, right: string]

/**
 * Merges that make one symbol of each word of printable ASCII, its end marked by `</w>`. The most frequent pair comes
 * first, the alphabetically first of equals. Source: Sennrich et al. (arXiv 1508.07909), with each word counted once.
 */
export function mergesFor(words: readonly string[]): Merge[] {
  let spellings = [...new Set(words)].map((word) =>
    [...word].map((c, i, all) => (i === all.length - 1 ? `${c}</w>` : c)),
  )
  const merges: Merge[] = []
  for (;;) {
    const best = mostFrequentPair(spellings)
    if (!best) return merges
    merges.push(best)
    spellings = spellings.map((symbols) => merged(symbols, best))
  }
}

function mostFrequentPair(spellings: readonly (readonly string[])[]): Merge | undefined {
  const counts = new Map<string, { pair: Merge; count: number }>()
  for (const symbols of spellings) {
    for (let i = 0; i + 1 < symbols.length; i++) {
      const pair: Merge = [symbols[i], symbols[i + 1]]
      const key = pair.join(' ')
      counts.set(key, { pair, count: (counts.get(key)?.count ?? 0) + 1 })
    }
  }
  const ranked = [...counts].sort(([a, x], [b, y]) => y.count - x.count || (a < b ? -1 : 1))
  return ranked[0]?.[1].pair
}

function merged(symbols: readonly string[], [left, right]: Merge): string[] {
  const result: string[] = []
  for (let i = 0; i < symbols.length; i++) {
    const isPair = symbols[i] === left && symbols[i + 1] === right
    result.push(isPair ? left + right : symbols[i])
    if (isPair) i++
  }
  return result
}
