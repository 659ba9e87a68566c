// Counting: how many of how many, summed up over pictures.

/** `hits` of `of`; a share is their quotient. Hits may be fractions. */
export interface Tally {
  readonly hits: number
  readonly of: number
}

export const none: Tally = { hits: 0, of: 0 }

/** How many of the items are so. */
export function tallyOf<T>(items: readonly T[], isSo: (item: T) => boolean): Tally {
  return { hits: items.filter(isSo).length, of: items.length }
}

export function sumOf(tallies: readonly Tally[]): Tally {
  return tallies.reduce((a, b) => ({ hits: a.hits + b.hits, of: a.of + b.of }), none)
}

/** The share, or undefined of nothing. */
export const shareOf = ({ hits, of }: Tally): number | undefined => (of === 0 ? undefined : hits / of)

/**
 * The 95 % interval of a share: Wilson's, which holds for few cases and near 0 and 1 too. It takes cases as independent;
 * answers to one picture are less than that.
 */
export function intervalOf({ hits, of }: Tally): [low: number, high: number] | undefined {
  if (of === 0) return undefined
  const [z, share] = [1.96, hits / of]
  const scale = 1 + (z * z) / of
  const middle = (share + (z * z) / (2 * of)) / scale
  const half = (z / scale) * Math.sqrt((share * (1 - share)) / of + (z * z) / (4 * of * of))
  return [Math.max(0, middle - half), Math.min(1, middle + half)]
}
