// Single-stream block: one sequence, attention and MLP side by side, one output projection for both.
import { concat, geluTanh, type Tensor } from '@dreamgraph/onnx'
import type { FluxConfig } from '../configs.js'
import { linearLayer, type Parameters } from '../parameters.js'
import { attend, type BlockOptions, type HeadModules, projectHeads } from './attention.js'
import { gated, modulatedNorm, modulation } from './modulation.js'
import { consecutive } from './sequences.js'

const heads: HeadModules = {
  q: 'attn.to_q',
  k: 'attn.to_k',
  v: 'attn.to_v',
  qNorm: 'attn.norm_q',
  kNorm: 'attn.norm_k',
}

/**
 * One block: x [B, L, hidden] over [text, image, references] → same shape. `vec` has been through SiLU. Of several sequences,
 * each with so many tokens, the axis holds one behind the other.
 */
export function singleBlock(
  p: Parameters,
  config: FluxConfig,
  x: Tensor,
  { vec, tokens, ...around }: BlockOptions & { readonly tokens?: readonly number[] },
): Tensor {
  const [shift, scale, gate] = modulation(p, 'norm.linear', vec, { count: 3, tokens })
  const normal = modulatedNorm(x, shift, scale, tokens)
  const stretches = tokens && consecutive(tokens).map((span) => [span])
  const mixed = attend(config, projectHeads(p, config, normal, heads), { ...around, stretches })
  const mlp = geluTanh(linearLayer(p, 'proj_mlp', normal, config.mlpSize))
  const y = gated(x, gate, linearLayer(p, 'proj_out', concat([mixed, mlp], { axis: 2 }), config.hiddenSize), tokens)
  around.probe(around.name, y)
  return y
}
