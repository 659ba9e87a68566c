// Single-stream block: one sequence, attention and MLP side by side, one output projection for both.
import { concat, geluTanh, type Tensor } from '@dreamgraph/onnx'
import type { FluxConfig } from '../configs.js'
import type { Span } from '../losses/attention-heads.js'
import { linearLayer, type Parameters } from '../parameters.js'
import {
  attend,
  type BlockOptions,
  type HeadModules,
  projectHeads,
  projectQueries,
  rowsAt,
  tokensAt,
} from './attention.js'
import { gated, modulatedNorm, ofSingleBlock } from './modulation.js'

const heads: HeadModules = {
  q: 'attn.to_q',
  k: 'attn.to_k',
  v: 'attn.to_v',
  qNorm: 'attn.norm_q',
  kNorm: 'attn.norm_k',
}

/** What a single block is told besides. */
export interface SingleBlockOptions extends BlockOptions {
  /** The only tokens to compute; the others are still looked at. Default: all. */
  readonly kept?: Span
}

/**
 * One block: x [B, L, hidden] over [text, image, references] → same shape, or what is kept of it.
 */
export function singleBlock(
  p: Parameters,
  config: FluxConfig,
  x: Tensor,
  { cond, modulate, kept, ...around }: SingleBlockOptions,
): Tensor {
  const [shift, scale, gate] = modulate(p, ofSingleBlock, cond)
  const normal = modulatedNorm(x, shift, scale)
  const [from, own] = kept ? [tokensAt(x, kept), tokensAt(normal, kept)] : [x, normal]
  const asking = kept && {
    q: projectQueries(p, config, own, heads),
    rotary: rowsAt(around.rotary, kept),
  }
  const mixed = attend(p, config, projectHeads(p, config, normal, heads), { ...around, asking })
  const mlp = geluTanh(linearLayer(p, 'proj_mlp', own, config.mlpSize))
  const y = gated(from, gate, linearLayer(p, 'proj_out', concat([mixed, mlp], { axis: 2 }), config.hiddenSize))
  around.probe(around.name, y)
  return y
}
