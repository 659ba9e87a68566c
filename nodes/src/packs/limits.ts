// How much a pack may take.

export interface PackLimits {
  /** Until its module is loaded. */
  readonly startMs: number
  /** For one run of one node. */
  readonly runMs: number
  /** Between a cancel and the end of the process, for a node that does not heed its signal. */
  readonly graceMs: number
  /** After which a process without work is ended. The next run starts it again, in 0.1 s. */
  readonly idleMs: number
  /** Of the process: its JavaScript objects everywhere, and on Linux all of it. */
  readonly memoryBytes: number
  /** Of one message: the inputs of a run, or its outputs. */
  readonly messageBytes: number
}

/** Far more than a picture of 100 megapixels takes, and far less than a machine has. */
export const defaultPackLimits: PackLimits = {
  startMs: 30_000,
  runMs: 10 * 60_000,
  graceMs: 2_000,
  idleMs: 60_000,
  memoryBytes: 2 * 2 ** 30,
  messageBytes: 2 ** 30,
}
