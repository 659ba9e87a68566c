// CLIP's text encoder. FLUX uses only its pooled output: the state at the end-of-text token.
import { add, attention, layerNorm, quickGelu, slice, type Tensor } from '@dreamgraph/onnx'
import type { ClipConfig } from '../configs.js'
import { linearLayer, type Parameters, within } from '../parameters.js'
import { noProbe, type Probe } from '../probe.js'

/** Key of the token table; the host looks tokens up, so that a graph never holds the vocabulary. */
export const clipTokenTable = 'text_model.embeddings.token_embedding.weight'

/** Token embeddings [B, L, d] → last hidden state [B, L, d]. Causal, no padding mask. Source: transformers' CLIPTextModel. */
export function encodeClip(root: Parameters, config: ClipConfig, tokens: Tensor, probe: Probe = noProbe): Tensor {
  const p = within(root, 'text_model')
  const { hiddenSize, numHeads } = config
  const [, length] = tokens.shape
  const norm = (scope: Parameters, key: string, x: Tensor): Tensor => {
    const [w, b] = ['weight', 'bias'].map((kind) => scope.weight(`${key}.${kind}`, [hiddenSize]))
    return layerNorm(x, { epsilon: config.normEps, w, b })
  }
  const positions = p.weight('embeddings.position_embedding.weight', [config.maxTokens, hiddenSize])
  let x = add(tokens, slice(positions, { axis: 0, from: 0, to: length }))
  probe('hidden_0', x)
  for (let i = 0; i < config.numLayers; i++) {
    const layer = within(p, `encoder.layers.${i}`)
    const y = norm(layer, 'layer_norm1', x)
    const [q, k, v] = ['q_proj', 'k_proj', 'v_proj'].map((key) => linearLayer(layer, `self_attn.${key}`, y, hiddenSize))
    const mixed = attention(q, k, v, { heads: numHeads, causal: true })
    x = add(x, linearLayer(layer, 'self_attn.out_proj', mixed, hiddenSize))
    const hidden = quickGelu(linearLayer(layer, 'mlp.fc1', norm(layer, 'layer_norm2', x), config.mlpSize))
    x = add(x, linearLayer(layer, 'mlp.fc2', hidden, hiddenSize))
    probe(`hidden_${i + 1}`, x)
  }
  return norm(p, 'final_layer_norm', x)
}

/** Where to pool: the first end-of-text token. An eos_token_id of 2, as FLUX's config has it, means "the largest id". */
export function clipPoolPosition(config: ClipConfig, ids: readonly number[]): number {
  const at = ids.indexOf(config.poolAtLargestId ? Math.max(...ids) : config.eosTokenId)
  return Math.max(at, 0)
}
