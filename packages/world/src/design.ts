// What a thing or a garment looks like, as the words that name it.
import type { Accent, Colour } from './palette.js'
import type { Pattern } from './patterns.js'

/** Two colours and a pattern. The accent colours the pattern and the second zone (handle, roof, fins, belt). */
export interface Patterned {
  readonly colour: Colour
  readonly accent: Accent
  readonly pattern: Pattern
}

/** A kind in a colour and a pattern. */
export interface Design<Kind extends string> extends Patterned {
  readonly kind: Kind
}
