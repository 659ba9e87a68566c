// Normalizations and the rotary embedding.
import { OnnxError } from '../errors.js'
import type { OpSpec, Tensor } from '../ir.js'
import { apply, checkRank, define, type Op, sameDType } from '../op.js'
import { printShape } from '../shape.js'
import { constant, constantInt64 } from '../tensor.js'
import { add, mul } from './elementwise.js'
import { reshape } from './movement.js'

const overLastAxis = (onnx: string): OpSpec => ({
  onnx,
  infer: (inputs) => {
    const [x, ...weights] = inputs
    const width = x.shape[x.shape.length - 1]
    const odd = weights.find((w) => w.shape.length !== 1 || w.shape[0] !== width)
    if (odd) throw new OnnxError('onnx/shape', `${onnx}: expected weights of [${width}], got ${printShape(odd.shape)}`)
    return { dtype: sameDType(onnx, inputs), shape: x.shape }
  },
  lower: (_, { epsilon }) => ({ attributes: { axis: -1, epsilon } }),
})

const layerNormOp = overLastAxis('LayerNormalization')

/** (x − mean)/√(var + ε)·w + b over the last axis; without weights w = 1, b = 0. */
export function layerNorm(x: Tensor, { epsilon, w, b }: { epsilon: number; w?: Tensor; b?: Tensor }): Tensor {
  const width = x.shape[x.shape.length - 1]
  return apply(layerNormOp, [x, w ?? constant(1, [width]), ...(b ? [b] : [])], { epsilon })
}

// onnxruntime's name for RMS normalization; it lives in the standard domain though the standard does not know it.
const rmsNormOp: Op<2, { epsilon: number }> = define(overLastAxis('SimplifiedLayerNormalization'))

/** x/√(mean(x²) + ε)·w over the last axis. */
export const rmsNorm = (x: Tensor, { epsilon, w }: { epsilon: number; w: Tensor }): Tensor =>
  rmsNormOp(x, w, { epsilon })

const instanceNorm: OpSpec = {
  onnx: 'InstanceNormalization',
  infer: (inputs) => ({ dtype: sameDType('InstanceNormalization', inputs), shape: inputs[0].shape }),
}

/** Normalizes groups of channels: x [B, C, H, W], w and b [C]; C divisible by groups. */
export function groupNorm(
  x: Tensor,
  { groups, epsilon, w, b }: { groups: number; epsilon: number; w: Tensor; b: Tensor },
): Tensor {
  checkRank('groupNorm', x, 4)
  const [batch, channels, height, width] = x.shape
  if (channels % groups !== 0) {
    throw new OnnxError('onnx/shape', `groupNorm: expected channels divisible by ${groups}, got ${channels}`)
  }
  // One group is one "instance channel" of instance normalization, with scale 1 and shift 0.
  const flat = reshape(x, { shape: [batch, groups, (channels / groups) * height * width] })
  const normal = apply(instanceNorm, [flat, constant(1, [groups]), constant(0, [groups])], { epsilon })
  const perChannel = { shape: [1, channels, 1, 1] }
  return add(mul(reshape(normal, { shape: x.shape }), reshape(w, perChannel)), reshape(b, perChannel))
}

const rotaryOp: OpSpec = {
  onnx: 'RotaryEmbedding',
  domain: 'com.microsoft',
  infer: ([x, , cos]) => {
    checkRank('RotaryEmbedding', x, 3)
    const [, length, width] = x.shape
    if (cos.shape.length !== 2 || cos.shape[0] !== length || width % (2 * cos.shape[1]) !== 0) {
      throw new OnnxError('onnx/shape', `RotaryEmbedding: expected tables [${length}, d/2], got [${cos.shape}]`)
    }
    return { dtype: x.dtype, shape: x.shape }
  },
  lower: () => ({ attributes: { interleaved: 1 } }),
}

/**
 * Rotates neighbouring pairs (2i, 2i+1) of each head: (a, b) → (a·cos − b·sin, b·cos + a·sin).
 * x [B, L, heads·d], cos and sin [L, d/2]: one row for each position. Source: RoFormer, in the pairing of FLUX.
 */
export const rotate = (x: Tensor, cos: Tensor, sin: Tensor): Tensor =>
  apply(rotaryOp, [x, constantInt64([0]), cos, sin])
