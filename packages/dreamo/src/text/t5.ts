// The T5 1.1 encoder: no padding mask, no scaling of scores, one table of relative positions for all layers.
import {
  add,
  attention,
  constantInt64,
  gather,
  geluTanh,
  mul,
  reshape,
  rmsNorm,
  type Tensor,
  transpose,
} from '@dreamgraph/onnx'
import type { T5Config } from '../configs.js'
import { linearLayer, type Parameters, within } from '../parameters.js'
import { noProbe, type Probe } from '../probe.js'

/** Key of the token table; the host looks tokens up, so that a graph never holds the vocabulary. */
export const t5TokenTable = 'shared.weight'

/** Token embeddings [B, L, d] → last hidden state [B, L, d]. Source: transformers' T5EncoderModel. */
export function encodeT5(root: Parameters, config: T5Config, tokens: Tensor, probe: Probe = noProbe): Tensor {
  const p = within(root, 'encoder')
  const { hiddenSize, innerSize, numHeads } = config
  const norm = (scope: Parameters, key: string, x: Tensor): Tensor =>
    rmsNorm(x, { epsilon: config.normEps, w: scope.weight(`${key}.weight`, [hiddenSize]) })
  const plain = { bias: false }

  const bias = positionBias(p, config, tokens.shape[1])
  probe('position_bias', bias)
  probe('hidden_0', tokens)
  let x = tokens
  for (let i = 0; i < config.numLayers; i++) {
    const [self, mlp] = [within(p, `block.${i}.layer.0`), within(p, `block.${i}.layer.1`)]
    const y = norm(self, 'layer_norm', x)
    const [q, k, v] = ['q', 'k', 'v'].map((key) => linearLayer(self, `SelfAttention.${key}`, y, innerSize, plain))
    const mixed = attention(q, k, v, { heads: numHeads, scale: 1, bias })
    x = add(x, linearLayer(self, 'SelfAttention.o', mixed, hiddenSize, plain))
    const z = norm(mlp, 'layer_norm', x)
    const gate = geluTanh(linearLayer(mlp, 'DenseReluDense.wi_0', z, config.mlpSize, plain))
    const value = linearLayer(mlp, 'DenseReluDense.wi_1', z, config.mlpSize, plain)
    x = add(x, linearLayer(mlp, 'DenseReluDense.wo', mul(gate, value), hiddenSize, plain))
    // The reference library reports the last layer's state after the final norm.
    if (i < config.numLayers - 1) probe(`hidden_${i + 1}`, x)
  }
  const last = norm(p, 'final_layer_norm', x)
  probe(`hidden_${config.numLayers}`, last)
  return last
}

/** Bias on the scores by distance: [1, heads, L, L] (query, key), from the table of block 0. */
function positionBias(p: Parameters, config: T5Config, length: number): Tensor {
  const buckets = Array.from({ length: length * length }, (_, i) =>
    relativeBucket((i % length) - Math.floor(i / length), config),
  )
  const key = 'block.0.layer.0.SelfAttention.relative_attention_bias.weight'
  const table = p.weight(key, [config.numBuckets, config.numHeads])
  const bias = gather(table, constantInt64(buckets, [length, length])) // [query, key, heads]
  return reshape(transpose(bias, { perm: [2, 0, 1] }), { shape: [1, config.numHeads, length, length] })
}

/**
 * Bucket of a distance (key position − query position). Half the buckets look ahead; of each half, the first half is
 * exact and the rest grows logarithmically up to `maxDistance`. Source: T5 (arXiv 1910.10683), section 2.1.
 */
export function relativeBucket(distance: number, config: Pick<T5Config, 'numBuckets' | 'maxDistance'>): number {
  const half = config.numBuckets / 2
  const exact = half / 2
  const away = Math.abs(distance)
  const ahead = distance > 0 ? half : 0
  if (away < exact) return ahead + away
  // float32 as in the reference: at bucket borders the rounding decides.
  const log = Math.fround(Math.log(Math.fround(away / exact)))
  const ratio = Math.fround(log / Math.fround(Math.log(config.maxDistance / exact)))
  return ahead + Math.min(exact + Math.floor(Math.fround(ratio * (half - exact))), half - 1)
}
