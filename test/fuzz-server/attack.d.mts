export interface Target {
  readonly url: string
  readonly token: string
  readonly documents: readonly object[]
  readonly pictures: readonly Uint8Array[]
}
export interface Attacked {
  readonly statuses: Readonly<Record<string, number>>
  readonly faults: readonly string[]
  readonly slowestMs: number
}
export function attack(target: Target, options: { count: number; seed: number }): Promise<Attacked>
