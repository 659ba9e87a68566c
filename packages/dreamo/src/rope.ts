/** Rotary position tables of FLUX, computed on the host. The rotation itself belongs to the transformer graph. */

/** cos and sin, each [tokens, headDim] f32; neighbours (2i, 2i+1) hold the same value because they form one pair. */
export interface RopeTable {
  cos: Float32Array
  sin: Float32Array
  tokens: number
  headDim: number
}

/** Base of the frequencies θ^(-2i/d); FluxPosEmbed is built with 10000. */
export const ROPE_THETA = 10_000

/**
 * Rotary table of a token sequence. ids [tokens, axes] integers, axesDims even widths per axis → cos, sin [tokens, Σ axesDims].
 * Angles are taken in float64 and only the results rounded to float32, as FluxPosEmbed does off MPS.
 */
export function ropeTable(ids: Int32Array, axesDims: readonly number[]): RopeTable {
  const axes = axesDims.length
  const tokens = ids.length / axes
  const headDim = axesDims.reduce((sum, dim) => sum + dim, 0)
  if (!Number.isInteger(tokens))
    throw new Error(`internal: rope ids: expected a multiple of ${axes}, got ${ids.length}`)
  const frequencies = axesDims.map(axisFrequencies)
  const cos = new Float32Array(tokens * headDim)
  const sin = new Float32Array(tokens * headDim)
  let out = 0
  for (let token = 0; token < tokens; token++) {
    for (let axis = 0; axis < axes; axis++) {
      const position = ids[token * axes + axis]!
      for (const frequency of frequencies[axis]!) {
        const angle = position * frequency
        cos[out] = cos[out + 1] = Math.cos(angle)
        sin[out] = sin[out + 1] = Math.sin(angle)
        out += 2
      }
    }
  }
  return { cos, sin, tokens, headDim }
}

/** 1 / θ^(2i/dim) for the dim/2 pairs of one axis, float64. */
function axisFrequencies(dim: number): number[] {
  return Array.from({ length: dim / 2 }, (_, pair) => 1 / ROPE_THETA ** ((2 * pair) / dim))
}
