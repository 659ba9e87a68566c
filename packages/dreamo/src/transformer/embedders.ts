// What the whole transformer is conditioned on: time, guidance and the pooled prompt become one vector, `vec`.
import { add, silu, type Tensor } from '@dreamgraph/onnx'
import type { FluxConfig } from '../configs.js'
import { linearLayer, type Parameters, within } from '../parameters.js'
import type { Probe } from '../probe.js'

export interface VectorInputs {
  /** Sinusoid of 1000·sigma, [B, 256]; see sinusoid.ts. */
  readonly timestep: Tensor
  /** Sinusoid of 1000·guidance, [B, 256]; only for guidance-distilled models. */
  readonly guidance?: Tensor
  /** Pooled CLIP embedding, [B, pooledDim]. */
  readonly pooled: Tensor
}

/** vec = time + guidance + text, each through linear → SiLU → linear. → [B, hidden]. */
export function embedVector(p: Parameters, config: FluxConfig, inputs: VectorInputs, probe: Probe): Tensor {
  const embed = (module: string, x: Tensor): Tensor => {
    const scope = within(p, `time_text_embed.${module}`)
    return linearLayer(scope, 'linear_2', silu(linearLayer(scope, 'linear_1', x, config.hiddenSize)), config.hiddenSize)
  }
  const time = embed('timestep_embedder', inputs.timestep)
  const text = embed('text_embedder', inputs.pooled)
  probe('timestep_emb', time)
  probe('pooled_emb', text)
  if (!inputs.guidance) return add(time, text)
  const guidance = embed('guidance_embedder', inputs.guidance)
  probe('guidance_emb', guidance)
  return add(add(time, guidance), text)
}
