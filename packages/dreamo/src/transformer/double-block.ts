// Double-stream block: text and image keep their own weights and meet in attention.
import { concat, geluTanh, slice, type Tensor } from '@dreamgraph/onnx'
import type { FluxConfig } from '../configs.js'
import { linearLayer, type Parameters } from '../parameters.js'
import type { Probe } from '../probe.js'
import { attend, type HeadModules, projectHeads, type Rotary } from './attention.js'
import { gated, modulatedNorm, modulation } from './modulation.js'

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

/** One block: streams in, streams out, same shapes. `vec` has been through SiLU. */
export function doubleBlock(
  p: Parameters,
  config: FluxConfig,
  { txt, img }: Streams,
  { vec, rotary, probe, name }: { vec: Tensor; rotary: Rotary; probe: Probe; name: string },
): Streams {
  // Order of the chunks: attention's shift, scale, gate, then the MLP's.
  const imgMod = modulation(p, 'norm1.linear', vec, 6)
  const txtMod = modulation(p, 'norm1_context.linear', vec, 6)
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
  const mixed = attend(config, joint, rotary, probe, name)
  const [textTokens, tokens] = [txt.shape[1], mixed.shape[1]]
  const txtMixed = slice(mixed, { axis: 1, from: 0, to: textTokens })
  const imgMixed = slice(mixed, { axis: 1, from: textTokens, to: tokens })

  const finish = (x: Tensor, attended: Tensor, mod: Tensor[], out: string, mlp: string): Tensor => {
    const y = gated(x, mod[2], linearLayer(p, out, attended, config.hiddenSize))
    const hidden = geluTanh(linearLayer(p, `${mlp}.net.0.proj`, modulatedNorm(y, mod[3], mod[4]), config.mlpSize))
    return gated(y, mod[5], linearLayer(p, `${mlp}.net.2`, hidden, config.hiddenSize))
  }
  const streams = {
    txt: finish(txt, txtMixed, txtMod, 'attn.to_add_out', 'ff_context'),
    img: finish(img, imgMixed, imgMod, 'attn.to_out.0', 'ff'),
  }
  probe(`${name}_text`, streams.txt)
  probe(`${name}_image`, streams.img)
  return streams
}
