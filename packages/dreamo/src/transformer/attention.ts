// Joint attention over a sequence [text, image, references]. Nothing here knows where one kind of token ends.
import { attention, reshape, rmsNorm, rotate, type Tensor, transpose } from '@dreamgraph/onnx'
import type { FluxConfig } from '../configs.js'
import type { Span } from '../losses/attention-heads.js'
import { linearLayer, type Parameters } from '../parameters.js'
import { noProbe, type Probe } from '../probe.js'
import { normEpsilon } from './modulation.js'
import { pick, putBack } from './sequences.js'

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

/** What attention is told besides its heads. */
export interface AttendOptions {
  readonly rotary: Rotary
  /** Of several sequences, only the first one is shown. */
  readonly probe: Probe
  readonly name: string
  /** Where the tokens of each of several sequences lie. */
  readonly stretches?: readonly (readonly Span[])[]
}

/** What every block is told. */
export interface BlockOptions extends Omit<AttendOptions, 'stretches'> {
  /** [B, hidden], through SiLU; a row for each of several sequences. */
  readonly vec: Tensor
}

/** Rotates q and k, then attends within each sequence: [B, L, hidden] each → [B, L, hidden]. */
export function attend(
  config: FluxConfig,
  heads: Heads,
  { rotary, probe, name: block, stretches }: AttendOptions,
): Tensor {
  const joint = {
    q: rotate(heads.q, rotary.cos, rotary.sin),
    k: rotate(heads.k, rotary.cos, rotary.sin),
    v: heads.v,
  }
  const within = ({ q, k, v }: Heads, probe: Probe): Tensor => {
    const attn = attention(q, k, v, { heads: config.numHeads })
    for (const [name, x] of Object.entries({ q, k, v, attn })) probe(`${block}_${name}`, splitHeads(config, x))
    return attn
  }
  if (!stretches) return within(joint, probe)
  const mixed = stretches.map((own, sequence) => {
    const { q, k, v } = joint
    return within({ q: pick(q, own), k: pick(k, own), v: pick(v, own) }, sequence === 0 ? probe : noProbe)
  })
  return putBack(mixed, stretches)
}

/** [B, L, heads·d] → [B, heads, L, d], the layout in which attention is usually read. */
function splitHeads({ numHeads, headDim }: FluxConfig, x: Tensor): Tensor {
  const shape = [x.shape[0], x.shape[1], numHeads, headDim]
  return transpose(reshape(x, { shape }), { perm: [0, 2, 1, 3] })
}
