// Single-stream block: one sequence, attention and MLP side by side, one output projection for both.
import { concat, geluTanh, type Tensor } from '@dreamgraph/onnx'
import type { FluxConfig } from '../configs.js'
import type { Span } from '../losses/attention-heads.js'
import { linearLayer, type Parameters } from '../parameters.js'
import { attend, type BlockOptions, type HeadModules, projectHeads, projectQueries, rowsAt } from './attention.js'
import { gated, modulatedNorm, ofSingleBlock } from './modulation.js'
import { consecutive, pick } from './sequences.js'

const heads: HeadModules = {
  q: 'attn.to_q',
  k: 'attn.to_k',
  v: 'attn.to_v',
  qNorm: 'attn.norm_q',
  kNorm: 'attn.norm_k',
}

/** What a single block is told besides. */
export interface SingleBlockOptions extends BlockOptions {
  /** Of several sequences: how many tokens each has. */
  readonly tokens?: readonly number[]
  /** The only tokens to compute, a stretch of each sequence; the others are still looked at. Default: all. */
  readonly kept?: readonly Span[]
}

/**
 * One block: x [B, L, hidden] over [text, image, references] → same shape, or what is kept of it, one stretch behind the other.
 * Of several sequences the axis holds one behind the other.
 */
export function singleBlock(
  p: Parameters,
  config: FluxConfig,
  x: Tensor,
  { cond, modulate, tokens, kept, ...around }: SingleBlockOptions,
): Tensor {
  const [shift, scale, gate] = modulate(p, ofSingleBlock, cond)
  const normal = modulatedNorm(x, shift, scale, tokens)
  const [from, own] = kept ? [pick(x, kept), pick(normal, kept)] : [x, normal]
  const ownTokens = kept && tokens ? kept.map(({ count }) => count) : tokens
  const asking = kept && {
    q: projectQueries(p, config, own, heads),
    rotary: rowsAt(around.rotary, kept),
    stretches: stretchEach(ownTokens),
  }
  const stretches = stretchEach(tokens)
  const mixed = attend(config, projectHeads(p, config, normal, heads), { ...around, stretches, asking })
  const mlp = geluTanh(linearLayer(p, 'proj_mlp', own, config.mlpSize))
  const y = gated(
    from,
    gate,
    linearLayer(p, 'proj_out', concat([mixed, mlp], { axis: 2 }), config.hiddenSize),
    ownTokens,
  )
  around.probe(around.name, y)
  return y
}

const stretchEach = (tokens: readonly number[] | undefined): Span[][] | undefined =>
  tokens && consecutive(tokens).map((span) => [span])
