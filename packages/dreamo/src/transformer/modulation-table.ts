// All modulations of a transformer in one row. They hang on time, guidance and the pooled prompt alone, so a sampler may have
// those of all its steps computed in one pass: a quarter of FLUX's weights is then read once for a picture instead of at each step.
import { concat, silu, type Tensor } from '@dreamgraph/onnx'
import type { FluxConfig } from '../configs.js'
import { type Parameters, within } from '../parameters.js'
import { noProbe } from '../probe.js'
import { embedVector, type VectorInputs } from './embedders.js'
import { cut, type Modulate, type Modulator, modulations, ofOutput, ofSingleBlock, ofStream } from './modulation.js'

/** Scopes of a transformer with their modulators, in the order of a row. */
function modulators({ numLayers, numSingleLayers }: FluxConfig): (readonly [scope: string, Modulator])[] {
  const numbers = (count: number): number[] => Array.from({ length: count }, (_, i) => i)
  return [
    ...numbers(numLayers).flatMap((i) =>
      ['norm1.linear', 'norm1_context.linear'].map((module) => [`transformer_blocks.${i}`, ofStream(module)] as const),
    ),
    ...numbers(numSingleLayers).map((i) => [`single_transformer_blocks.${i}`, ofSingleBlock] as const),
    ['', ofOutput],
  ]
}

/** Values of a row. */
export const tableWidth = (config: FluxConfig): number =>
  modulators(config).reduce((sum, [, { count }]) => sum + count * config.hiddenSize, 0)

/** One row for each point: → [B, tableWidth]. */
export function modulationTable(p: Parameters, config: FluxConfig, inputs: VectorInputs): Tensor {
  const vec = silu(embedVector(p, config, inputs, noProbe))
  return concat(
    modulators(config).map(([scope, modulator]) => modulations(scope ? within(p, scope) : p, modulator, vec)),
    { axis: 1 },
  )
}

/** Reads them from rows [S, tableWidth], one for each sequence or item: `cond` is the table. */
export function fromTable(config: FluxConfig): Modulate {
  const { hiddenSize } = config
  const starts = new Map<string, number>()
  let pieces = 0
  for (const [scope, { module, count }] of modulators(config)) {
    starts.set(scope ? `${scope}.${module}` : module, pieces)
    pieces += count
  }
  return ({ scope }, { module, count }, table) =>
    cut(table, { start: starts.get(scope ? `${scope}.${module}` : module)!, count, hidden: hiddenSize })
}
