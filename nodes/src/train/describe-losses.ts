import type { LossLine } from '@dreamgraph/train'

/** `diff 0.981, route 0.12`: three digits are what a mean over a batch can bear. */
export function describeLosses(losses: LossLine['losses']): string {
  return Object.entries(losses)
    .map(([name, value]) => `${name} ${value.toPrecision(3)}`)
    .join(', ')
}
