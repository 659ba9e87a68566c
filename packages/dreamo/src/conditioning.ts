// What the transformer is conditioned on besides its tokens, as symbols and as values: time, guidance and the pooled prompt, or the
// modulations that were computed of them ahead.
import { input, type Tensor } from '@dreamgraph/onnx'
import type { TensorData } from '@dreamgraph/runtime'
import type { FluxConfig } from './configs.js'
import type { Model } from './model.js'
import { type AheadOptions, type ModulationPoint, modulationsOf } from './modulations.js'
import { SINUSOID_WIDTH, sinusoid } from './sinusoid.js'
import { tableWidth } from './transformer/modulation-table.js'
import type { Conditions } from './transformer/transformer.js'

/** Feeds of the conditioning at a point. */
export type Conditioning = (point: ModulationPoint, options: AheadOptions) => Promise<Record<string, TensorData>>

/** The conditioning under a pooled prompt [1, pooledDim]. */
export function conditioningOf(model: Model, pooled: TensorData, ahead: boolean): Conditioning {
  const { config } = model.transformer
  if (ahead) {
    const modulations = modulationsOf(model, pooled)
    return async (point, options) => ({ modulations: await modulations.at(point, options) })
  }
  const vector = (value: number): TensorData => ({
    ...{ dtype: 'float32', shape: [1, SINUSOID_WIDTH], data: sinusoid([value]) },
  })
  return async ({ sigma, guidance }) => ({
    pooled,
    timestep: vector(sigma),
    ...(config.guidanceEmbeds && { guidance: vector(guidance) }),
  })
}

/** The same as symbols, for a batch of so many items. */
export function conditionSymbols(config: FluxConfig, rows: number, ahead: boolean): Conditions {
  if (ahead) return { modulations: input('modulations', [rows, tableWidth(config)]) }
  const vector = (name: string): Tensor => input(name, [rows, SINUSOID_WIDTH])
  return {
    pooled: input('pooled', [rows, config.pooledDim]),
    timestep: vector('timestep'),
    ...(config.guidanceEmbeds && { guidance: vector('guidance') }),
  }
}
