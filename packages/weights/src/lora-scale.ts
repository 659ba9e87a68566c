// How strongly each pair of a LoRA acts, and the reference for adding it to a weight.
import type { LoraModule } from './lora.js'
import { toFloat32 } from './read.js'

export interface LoraScaleOptions {
  /**
   * A file without any alpha whose ranks differ. `unit` (default): every module at scale 1, as diffusers does today.
   * `first-rank`: alpha is the rank of the alphabetically first module, as diffusers 0.33 (the one DreamO pins) does.
   */
  readonly mixedRanks?: 'unit' | 'first-rank'
}

/**
 * s per module such that ΔW = s · up · down. s = weight · alpha / rank.
 * A module without alpha inherits the alpha that most others have (diffusers' rule); if none has one, s = weight.
 */
export function loraScales(
  modules: ReadonlyMap<string, LoraModule>,
  weight: number,
  options: LoraScaleOptions = {},
): Map<string, number> {
  const inherited = commonAlpha(modules) ?? (options.mixedRanks === 'first-rank' ? firstRank(modules) : undefined)
  const scales = new Map<string, number>()
  for (const [name, module] of modules) {
    const rank = rankOf(module)
    scales.set(name, weight * ((module.alpha ?? inherited ?? rank) / rank)) // exactly weight when alpha is the rank
  }
  return scales
}

/** r of a pair. */
export function rankOf(module: LoraModule): number {
  return module.down.shape[0]!
}

/** A pair as numbers: up [out, rank], down [rank, in], row-major. */
export interface LoraFactors {
  readonly up: Float32Array
  readonly down: Float32Array
  readonly rank: number
  readonly scale: number
}

export async function readFactors(module: LoraModule, scale: number): Promise<LoraFactors> {
  const [up, down] = await Promise.all([toFloat32(module.up), toFloat32(module.down)])
  return { up, down, rank: rankOf(module), scale }
}

/** weight += scale · up · down, in place. weight [out, in] f32. The plain definition, for small tensors and for tests. */
export function fuseInto(weight: Float32Array, { up, down, rank, scale }: LoraFactors): void {
  const outSize = up.length / rank
  const inSize = down.length / rank
  if (weight.length !== outSize * inSize)
    throw new Error(`internal: fuseInto a weight of ${weight.length} elements with a pair for ${outSize}×${inSize}`)
  for (let row = 0; row < outSize; row++)
    for (let column = 0; column < inSize; column++) {
      let sum = 0
      for (let k = 0; k < rank; k++) sum += up[row * rank + k]! * down[k * inSize + column]!
      weight[row * inSize + column]! += scale * sum
    }
}

/** The alpha of most modules, the alphabetically first of equals; undefined when none has one. */
function commonAlpha(modules: ReadonlyMap<string, LoraModule>): number | undefined {
  const counts = new Map<number, number>()
  for (const [, { alpha }] of byName(modules)) if (alpha !== undefined) counts.set(alpha, (counts.get(alpha) ?? 0) + 1)
  return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0]
}

function firstRank(modules: ReadonlyMap<string, LoraModule>): number | undefined {
  const first = byName(modules)[0]
  return first && rankOf(first[1])
}

function byName(modules: ReadonlyMap<string, LoraModule>): [string, LoraModule][] {
  return [...modules].sort(([a], [b]) => (a < b ? -1 : 1))
}
