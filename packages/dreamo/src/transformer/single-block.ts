// Single-stream block: one sequence, attention and MLP side by side, one output projection for both.
import { concat, geluTanh, type Tensor } from '@dreamgraph/onnx'
import type { FluxConfig } from '../configs.js'
import { linearLayer, type Parameters } from '../parameters.js'
import type { Probe } from '../probe.js'
import { attend, type HeadModules, projectHeads, type Rotary } from './attention.js'
import { gated, modulatedNorm, modulation } from './modulation.js'

const heads: HeadModules = {
  q: 'attn.to_q',
  k: 'attn.to_k',
  v: 'attn.to_v',
  qNorm: 'attn.norm_q',
  kNorm: 'attn.norm_k',
}

/** One block: x [B, L, hidden] over [text, image, references] → same shape. `vec` has been through SiLU. */
export function singleBlock(
  p: Parameters,
  config: FluxConfig,
  x: Tensor,
  { vec, rotary, probe, name }: { vec: Tensor; rotary: Rotary; probe: Probe; name: string },
): Tensor {
  const [shift, scale, gate] = modulation(p, 'norm.linear', vec, 3)
  const normal = modulatedNorm(x, shift, scale)
  const mixed = attend(config, projectHeads(p, config, normal, heads), rotary, probe, name)
  const mlp = geluTanh(linearLayer(p, 'proj_mlp', normal, config.mlpSize))
  const y = gated(x, gate, linearLayer(p, 'proj_out', concat([mixed, mlp], { axis: 2 }), config.hiddenSize))
  probe(name, y)
  return y
}
