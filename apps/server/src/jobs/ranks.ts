// Fair share: each submitter's jobs stand in a row of ranks, and rows are served side by side. Who comes late starts where the
// others are, so nobody waits behind a heap, and nobody overtakes by having waited.
import type { Queryable } from '../database/database.js'

export class Ranks {
  /** priority → rank up to which jobs were begun. */
  readonly #served = new Map<number, number>()
  /** priority and owner → rank of the newest job. */
  readonly #last = new Map<string, number>()

  static async load(on: Queryable): Promise<Ranks> {
    const ranks = new Ranks()
    const served = await on.query<{ priority: number; rank: number }>(
      'select priority, max(rank) as rank from jobs where started_at is not null group by priority',
    )
    for (const { priority, rank } of served) ranks.#served.set(priority, rank)
    const waiting = await on.query<{ priority: number; owner: string; rank: number }>(
      `select priority, owner, max(rank) as rank from jobs where state in ('queued', 'paused') group by priority, owner`,
    )
    for (const { priority, owner, rank } of waiting) ranks.#last.set(`${priority} ${owner}`, rank)
    return ranks
  }

  next(owner: string, priority: number): number {
    const key = `${priority} ${owner}`
    const rank = Math.max(this.#served.get(priority) ?? 0, (this.#last.get(key) ?? -1) + 1)
    this.#last.set(key, rank)
    return rank
  }

  started(priority: number, rank: number): void {
    this.#served.set(priority, Math.max(this.#served.get(priority) ?? 0, rank))
  }
}
