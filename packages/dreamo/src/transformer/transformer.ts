// The FLUX transformer: one evaluation of the velocity field. DreamO adds one thing: a learned row on every token
// behind the input projection, which tells image tokens from references and references from each other.
import { add, concat, silu, slice, type Tensor } from '@dreamgraph/onnx'
import type { FluxConfig } from '../configs.js'
import { linearLayer, type Parameters, within } from '../parameters.js'
import { noProbe, type Probe } from '../probe.js'
import type { Rotary } from './attention.js'
import { doubleBlock } from './double-block.js'
import { embedVector, type VectorInputs } from './embedders.js'
import { modulatedNorm, modulation } from './modulation.js'
import { singleBlock } from './single-block.js'

export interface TransformerInputs extends VectorInputs {
  /** Packed latents of the image, then of each reference, [B, N, inChannels]. */
  readonly latents: Tensor
  /** T5 embeddings, [B, T, jointDim]. */
  readonly text: Tensor
  /** DreamO's task and index rows, [1 or B, N, hidden]; absent in plain FLUX and in the negative branch of true CFG. */
  readonly rows?: Tensor
  /** Rotary table of T + N positions. */
  readonly rotary: Rotary
}

/**
 * Predicts the velocity of the first `keepTokens` image tokens (all unless told): → [B, keepTokens, outChannels].
 * Source: Black Forest Labs' FLUX.1 as in diffusers' FluxTransformer2DModel; DreamO (arXiv 2504.16915), section 3.
 */
export function transformer(
  p: Parameters,
  config: FluxConfig,
  inputs: TransformerInputs,
  { keepTokens = inputs.latents.shape[1], probe = noProbe }: { keepTokens?: number; probe?: Probe } = {},
): Tensor {
  const temb = embedVector(p, config, inputs, probe)
  probe('temb', temb)
  const vec = silu(temb)
  const txt = linearLayer(p, 'context_embedder', inputs.text, config.hiddenSize)
  const projected = linearLayer(p, 'x_embedder', inputs.latents, config.hiddenSize)
  const img = inputs.rows ? add(projected, inputs.rows) : projected
  probe('context_embedder', txt)
  probe('x_embedder', projected)
  probe('tokens_in', img)

  const shared = { vec, rotary: inputs.rotary, probe }
  let streams = { txt, img }
  for (let i = 0; i < config.numLayers; i++) {
    streams = doubleBlock(within(p, `transformer_blocks.${i}`), config, streams, { ...shared, name: `double${i}` })
  }
  let x = concat([streams.txt, streams.img], { axis: 1 }) // [B, T + N, hidden]
  for (let i = 0; i < config.numSingleLayers; i++) {
    x = singleBlock(within(p, `single_transformer_blocks.${i}`), config, x, { ...shared, name: `single${i}` })
  }

  const textTokens = txt.shape[1]
  const kept = slice(x, { axis: 1, from: textTokens, to: textTokens + keepTokens })
  // Here alone the scale comes before the shift.
  const [scale, shift] = modulation(p, 'norm_out.linear', vec, 2)
  const normal = modulatedNorm(kept, shift, scale)
  probe('norm_out', normal)
  return linearLayer(p, 'proj_out', normal, config.outChannels)
}
