/** What a test server does wrong, by a seed: when it cuts a connection, how, and how long it takes over a frame. */

/** mulberry32: numbers in [0, 1) that are the same for a seed on every machine. */
export function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** before, after: of the frame. half: in the middle of it. politely: with a close frame instead of it. */
export type Cut = 'before' | 'after' | 'half' | 'politely'

export interface Rig {
  /** Asked for every handshake and every frame; undefined: let it pass. */
  cut(): Cut | undefined
  delayMs(): number
}

export const harmless: Rig = { cut: () => undefined, delayMs: () => 0 }

const cuts: readonly Cut[] = ['before', 'after', 'half', 'politely']

/** Cuts so many times, each frame with the same chance; delays one frame in ten. */
export function randomCuts(seed: number, { count, chance }: { count: number; chance: number }): Rig & { left: number } {
  const random = seeded(seed)
  return {
    left: count,
    cut() {
      if (this.left === 0 || random() >= chance) return undefined
      this.left--
      return cuts[Math.floor(random() * cuts.length)]
    },
    delayMs: () => (random() < 0.1 ? random() * 3 : 0),
  }
}
