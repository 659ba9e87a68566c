// Joint attention over a sequence [text, image, references]. Nothing here knows where one kind of token ends.
import { attention, reshape, rmsNorm, rotate, slice, type Tensor, transpose } from '@dreamgraph/onnx'
import type { FluxConfig } from '../configs.js'
import type { Span } from '../losses/attention-heads.js'
import { linearLayer, type Parameters } from '../parameters.js'
import type { Probe } from '../probe.js'
import { type Modulate, normEpsilon } from './modulation.js'

/** Rotary table of the whole sequence: cos and sin [L, headDim/2]; see rope.ts. */
export interface Rotary {
  readonly cos: Tensor
  readonly sin: Tensor
}

/** The tokens of a stretch: [B, L, width] → [B, count, width]. */
export const tokensAt = (x: Tensor, { start, count }: Span): Tensor =>
  slice(x, { axis: 1, from: start, to: start + count })

/** The rotary table's rows of a stretch. */
export function rowsAt({ cos, sin }: Rotary, { start, count }: Span): Rotary {
  const rows = (table: Tensor): Tensor => slice(table, { axis: 0, from: start, to: start + count })
  return { cos: rows(cos), sin: rows(sin) }
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
  const { hiddenSize, headDim } = config
  const k = linearLayer(p, modules.k, x, hiddenSize)
  return {
    q: projectQueries(p, config, x, modules),
    k: perHead(config, k, (heads) => normalHeads(heads, p.weight(`${modules.kNorm}.weight`, [headDim]))),
    v: linearLayer(p, modules.v, x, hiddenSize),
  }
}

/** As projectHeads, q alone. */
export function projectQueries(p: Parameters, config: FluxConfig, x: Tensor, modules: HeadModules): Tensor {
  const q = linearLayer(p, modules.q, x, config.hiddenSize)
  return perHead(config, q, (heads) => normalHeads(heads, p.weight(`${modules.qNorm}.weight`, [config.headDim])))
}

const normalHeads = (heads: Tensor, w: Tensor): Tensor => rmsNorm(heads, { epsilon: normEpsilon, w })

/** Does something to x [B, L, hidden] as [B, L, heads, d]. */
function perHead({ numHeads, headDim }: FluxConfig, x: Tensor, change: (heads: Tensor) => Tensor): Tensor {
  const [batch, length] = x.shape
  return reshape(change(reshape(x, { shape: [batch, length, numHeads, headDim] })), { shape: x.shape })
}

/** What attention is told besides its heads. */
export interface AttendOptions {
  readonly rotary: Rotary
  readonly probe: Probe
  readonly name: string
  /** Queries of the only tokens whose result is wanted, and their rows of the table. */
  readonly asking?: Pick<Heads, 'q'> & Pick<AttendOptions, 'rotary'>
}

/** What every block is told. */
export interface BlockOptions extends Omit<AttendOptions, 'asking'> {
  /** What `modulate` gives the block's modulations of; a row for each item. */
  readonly cond: Tensor
  readonly modulate: Modulate
}

/** Rotates q and k, then attends: [B, L, hidden] each → the same, or as the queries that ask. */
export function attend(p: Parameters, config: FluxConfig, heads: Heads, options: AttendOptions): Tensor {
  const { rotary, probe, name: block, asking } = options
  const q = rotate(heads.q, rotary.cos, rotary.sin)
  const k = rotate(heads.k, rotary.cos, rotary.sin)
  const asked = asking ? rotate(asking.q, asking.rotary.cos, asking.rotary.sin) : q
  const attn = (p.attention ?? attention)(asked, k, heads.v, { heads: config.numHeads })
  for (const [name, x] of Object.entries({ q, k, v: heads.v, attn })) probe(`${block}_${name}`, splitHeads(config, x))
  return attn
}

/** [B, L, heads·d] → [B, heads, L, d], the layout in which attention is usually read. */
function splitHeads({ numHeads, headDim }: FluxConfig, x: Tensor): Tensor {
  const shape = [x.shape[0], x.shape[1], numHeads, headDim]
  return transpose(reshape(x, { shape }), { perm: [0, 2, 1, 3] })
}
