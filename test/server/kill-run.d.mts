export interface KillOptions {
  readonly kills: number
  readonly jobs: number
  readonly seed: number
  readonly workers?: number
  readonly withPostgresql?: boolean
  readonly onLine?: (line: string) => void
}

export interface KillFigures {
  /** By victim. */
  readonly kills: Readonly<Record<string, number>>
  /** Kills of what was not there. */
  readonly misses: number
  /** Of the client that followed all jobs. */
  readonly connections: number
  readonly resubmitted: number
  readonly jobs: number
  readonly tries: number
  readonly lostTries: number
  readonly failedTries: number
  readonly events: number
  readonly ran: number
  readonly cached: number
  readonly artifacts: number
  readonly artifactBytes: number
  readonly seconds: number
  readonly faults: readonly string[]
}

export declare function killRun(options: KillOptions): Promise<KillFigures>
