// Conditions come from anywhere; a model takes only those that were encoded for its own widths.
import type { Model } from '@dreamgraph/dreamo'
import { NodesError } from '../errors.js'
import type { Conditions } from '../sockets.js'

/** Throws nodes/conditions-mismatched unless texts and references have the widths that the transformer reads. */
export function checkConditions({ text, negative, references }: Conditions, { transformer }: Model): void {
  const { jointDim, pooledDim, inChannels } = transformer.config
  for (const [where, encoded] of Object.entries({ text, ...(negative ? { negative } : {}) })) {
    checkWidth(`${where}, T5`, encoded.states.shape[2], jointDim)
    checkWidth(`${where}, CLIP`, encoded.pooled.shape[1], pooledDim)
  }
  for (const { slot, tokens, grid } of references) {
    checkWidth(`reference ${slot}`, tokens.length / (grid.rows * grid.columns), inChannels)
  }
}

function checkWidth(where: string, got: number, expected: number): void {
  if (got === expected) return
  const rule = `a width of ${expected}, as this model has it`
  throw new NodesError(
    'nodes/conditions-mismatched',
    `${where}: expected ${rule}, got ${got}: encoded by another model`,
  )
}
