/** References: what a run is conditioned on, where each one's tokens lie and which learned embeddings mark them. */
import { DreamoError } from './errors.js'
import type { RgbImage } from './image.js'
import { type TokenGrid, tokenGrid } from './latents.js'

/**
 * What to take from a reference: `ip` an object, person or garment; `id` a face; `style` the look.
 * The task decides preprocessing only: all three share one row of the task embedding.
 */
export type ReferenceTask = 'ip' | 'id' | 'style'

/** A reference picture in its slot. `slot` n is what `[ref#n]` names; an empty slot shifts no other. */
export interface Reference {
  slot: number
  task: ReferenceTask
  image: RgbImage
}

/** Slots run from 1 to 9: the index embedding has ten rows of which row 0 is never used. */
export const MAX_REFERENCES = 9

/** The tokens of one reference among [image, references]: `count` = rows · columns from `start` on. */
export interface ReferenceSpan extends TokenGrid {
  slot: number
  start: number
  count: number
}

/** Where image and reference tokens lie in the transformer's image stream (text tokens are a stream of their own). */
export interface TokenLayout {
  image: TokenGrid & { start: 0; count: number }
  references: ReferenceSpan[]
  /** Image and reference tokens together. */
  tokens: number
}

/**
 * References in slot order, the order of their tokens.
 * Throws reference-too-many, reference-slot-invalid, reference-slot-taken.
 */
export function orderReferences<R extends { slot: number }>(references: readonly R[]): R[] {
  if (references.length > MAX_REFERENCES) {
    const rule = `at most ${MAX_REFERENCES}`
    throw new DreamoError('dreamo/reference-too-many', `references: expected ${rule}, got ${references.length}`)
  }
  const taken = new Set<number>()
  for (const { slot } of references) {
    if (!Number.isInteger(slot) || slot < 1 || slot > MAX_REFERENCES) {
      const rule = `a slot from 1 to ${MAX_REFERENCES}`
      throw new DreamoError('dreamo/reference-slot-invalid', `references: expected ${rule}, got ${slot}`)
    }
    if (taken.has(slot)) {
      throw new DreamoError('dreamo/reference-slot-taken', `references: expected one per slot, got two in slot ${slot}`)
    }
    taken.add(slot)
  }
  return references.toSorted((a, b) => a.slot - b.slot)
}

/** Token layout of a picture of `image` pixels with references of their own sizes; errors as orderReferences, tokenGrid. */
export function layoutTokens(
  image: { height: number; width: number },
  references: readonly { slot: number; image: { height: number; width: number } }[] = [],
): TokenLayout {
  const grid = tokenGrid(image, 'generated picture')
  let tokens = grid.rows * grid.columns
  const layout: TokenLayout = { image: { ...grid, start: 0, count: tokens }, references: [], tokens }
  for (const { slot, image: picture } of orderReferences(references)) {
    const span = tokenGrid(picture, `reference ${slot}`)
    const count = span.rows * span.columns
    layout.references.push({ ...span, slot, start: tokens, count })
    tokens += count
  }
  layout.tokens = tokens
  return layout
}
