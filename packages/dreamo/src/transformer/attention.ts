// Joint attention over one sequence [text, image, references]. Nothing here knows where one kind of token ends.
import { attention, reshape, rmsNorm, rotate, type Tensor, transpose } from '@dreamgraph/onnx'
import type { FluxConfig } from '../configs.js'
import { linearLayer, type Parameters } from '../parameters.js'
import type { Probe } from '../probe.js'
import { normEpsilon } from './modulation.js'

/** Rotary table of the whole sequence: cos and sin [L, headDim/2]; see rope.ts. */
export interface Rotary {
  readonly cos: Tensor
  readonly sin: Tensor
}

export interface Heads {
  readonly q: Tensor
  readonly k: Tensor
  readonly v: Tensor
}

/** Module names of a stream's projections and q/k norms. */
export interface HeadModules {
  readonly q: string
  readonly k: string
  readonly v: string
  readonly qNorm: string
  readonly kNorm: string
}

/** Projects a stream x [B, L, hidden] to q, k, v [B, L, hidden]; q and k are RMS-normalized per head. */
export function projectHeads(p: Parameters, config: FluxConfig, x: Tensor, modules: HeadModules): Heads {
  const { hiddenSize, numHeads, headDim } = config
  const [batch, length] = x.shape
  const normal = (y: Tensor, key: string): Tensor => {
    const perHead = reshape(y, { shape: [batch, length, numHeads, headDim] }) // [B, L, heads, d]
    const w = p.weight(`${key}.weight`, [headDim])
    return reshape(rmsNorm(perHead, { epsilon: normEpsilon, w }), { shape: y.shape })
  }
  return {
    q: normal(linearLayer(p, modules.q, x, hiddenSize), modules.qNorm),
    k: normal(linearLayer(p, modules.k, x, hiddenSize), modules.kNorm),
    v: linearLayer(p, modules.v, x, hiddenSize),
  }
}

/** Rotates q and k, then attends: [B, L, hidden] each → [B, L, hidden]. */
export function attend(config: FluxConfig, heads: Heads, rotary: Rotary, probe: Probe, block: string): Tensor {
  const q = rotate(heads.q, rotary.cos, rotary.sin)
  const k = rotate(heads.k, rotary.cos, rotary.sin)
  const out = attention(q, k, heads.v, { heads: config.numHeads })
  for (const [name, x] of Object.entries({ q, k, v: heads.v, attn: out }))
    probe(`${block}_${name}`, splitHeads(config, x))
  return out
}

/** [B, L, heads·d] → [B, heads, L, d], the layout in which attention is usually read. */
function splitHeads({ numHeads, headDim }: FluxConfig, x: Tensor): Tensor {
  const shape = [x.shape[0], x.shape[1], numHeads, headDim]
  return transpose(reshape(x, { shape }), { perm: [0, 2, 1, 3] })
}
