// Double-stream block: text and image keep their own weights and meet in attention.
import { concat, geluTanh, slice, type Tensor } from '@dreamgraph/onnx'
import type { FluxConfig } from '../configs.js'
import { linearLayer, type Parameters } from '../parameters.js'
import { attend, type BlockOptions, type HeadModules, projectHeads } from './attention.js'
import { gated, modulatedNorm, ofStream } from './modulation.js'

const imgHeads: HeadModules = {
  q: 'attn.to_q',
  k: 'attn.to_k',
  v: 'attn.to_v',
  qNorm: 'attn.norm_q',
  kNorm: 'attn.norm_k',
}
const txtHeads: HeadModules = {
  q: 'attn.add_q_proj',
  k: 'attn.add_k_proj',
  v: 'attn.add_v_proj',
  qNorm: 'attn.norm_added_q',
  kNorm: 'attn.norm_added_k',
}

export interface Streams {
  /** Text tokens, [B, T, hidden]. */
  readonly txt: Tensor
  /** Image tokens and then each reference's, [B, N, hidden]. */
  readonly img: Tensor
}

/** What differs between the streams behind attention. */
interface Rest {
  readonly mod: readonly Tensor[]
  /** Modules of the output projection and of the MLP. */
  readonly out: string
  readonly mlp: string
}

/** One block: streams in, streams out, same shapes. */
export function doubleBlock(
  p: Parameters,
  config: FluxConfig,
  { txt, img }: Streams,
  { cond, modulate, ...around }: BlockOptions,
): Streams {
  const { probe, name } = around
  const imgMod = modulate(p, ofStream('norm1.linear'), cond)
  const txtMod = modulate(p, ofStream('norm1_context.linear'), cond)
  const imgIn = modulatedNorm(img, imgMod[0], imgMod[1])
  const txtIn = modulatedNorm(txt, txtMod[0], txtMod[1])
  probe(`${name}_norm1`, imgIn)
  probe(`${name}_norm1_context`, txtIn)

  const ofImg = projectHeads(p, config, imgIn, imgHeads)
  const ofTxt = projectHeads(p, config, txtIn, txtHeads)
  const joint = {
    q: concat([ofTxt.q, ofImg.q], { axis: 1 }), // text first
    k: concat([ofTxt.k, ofImg.k], { axis: 1 }),
    v: concat([ofTxt.v, ofImg.v], { axis: 1 }),
  }
  const mixed = attend(p, config, joint, around)
  const [textTokens, tokens] = [txt.shape[1], mixed.shape[1]]
  const txtMixed = slice(mixed, { axis: 1, from: 0, to: textTokens })
  const imgMixed = slice(mixed, { axis: 1, from: textTokens, to: tokens })

  const finish = (x: Tensor, attended: Tensor, { mod, out, mlp }: Rest): Tensor => {
    const y = gated(x, mod[2], linearLayer(p, out, attended, config.hiddenSize))
    const normal = modulatedNorm(y, mod[3], mod[4])
    const hidden = geluTanh(linearLayer(p, `${mlp}.net.0.proj`, normal, config.mlpSize))
    return gated(y, mod[5], linearLayer(p, `${mlp}.net.2`, hidden, config.hiddenSize))
  }
  const ofText = { mod: txtMod, out: 'attn.to_add_out', mlp: 'ff_context' }
  const ofImage = { mod: imgMod, out: 'attn.to_out.0', mlp: 'ff' }
  const streams = { txt: finish(txt, txtMixed, ofText), img: finish(img, imgMixed, ofImage) }
  probe(`${name}_text`, streams.txt)
  probe(`${name}_image`, streams.img)
  return streams
}
