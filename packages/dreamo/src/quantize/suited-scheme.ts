// What a transformer runs as where nobody says.
import { isBlockDType, type WeightSet } from '@dreamgraph/weights'
import type { Sessions } from '../sessions.js'
import type { QuantizeScheme } from './schemes.js'

const narrowTypes: ReadonlySet<string> = new Set(['BF16', 'F16', 'F8_E4M3', 'F8_E5M2'])

/**
 * On a GPU that computes in float16, so do matrices of 16 bits and fewer: in float32 they take twice the memory and their
 * products many times as long. On the CPU, and in blocks of GGUF, weights run as they are stored.
 */
export async function suitedScheme(weights: WeightSet, sessions: Sessions): Promise<QuantizeScheme | undefined> {
  if (sessions.device === 'cpu') return undefined
  const views = [...weights.values()]
  const isNarrow = views.some(({ dtype, shape }) => shape.length === 2 && narrowTypes.has(dtype))
  if (!isNarrow || views.some(({ dtype }) => isBlockDType(dtype))) return undefined
  return (await sessions.hasHalves()) ? 'fp16' : undefined
}
