// Normalizations and the rotary embedding.
import { OnnxError } from '../errors.js'
import type { OpSpec, Tensor } from '../ir.js'
import { apply, checkRank, define, floatDType, type Op } from '../op.js'
import { printShape, sameShape } from '../shape.js'
import { constant, constantInt64 } from '../tensor.js'
import { add, cast, mul } from './elementwise.js'
import { reshape } from './movement.js'

const overLastAxis = (onnx: string): OpSpec => ({
  onnx,
  infer: (inputs) => {
    const [x, ...weights] = inputs
    const width = x.shape.slice(-1)
    const odd = weights.find((w) => width.length === 0 || !sameShape(w.shape, width))
    if (odd) {
      const rule = `weights as wide as ${printShape(x.shape)}`
      throw new OnnxError('onnx/shape', `${onnx}: expected ${rule}, got ${printShape(odd.shape)}`)
    }
    return { dtype: floatDType(onnx, inputs), shape: x.shape }
  },
  lower: (_, { epsilon }) => ({ attributes: { axis: -1, epsilon } }),
})

const layerNormOp = overLastAxis('LayerNormalization')

/** (x − mean)/√(var + ε)·w + b over the last axis; without weights w = 1, b = 0. */
export function layerNorm(x: Tensor, { epsilon, w, b }: { epsilon: number; w?: Tensor; b?: Tensor }): Tensor {
  const ones = (): Tensor => cast(constant(1, x.shape.slice(-1)), x.dtype)
  return apply(layerNormOp, [x, w ?? ones(), ...(b ? [b] : [])], { epsilon })
}

// onnxruntime's name for RMS normalization; it lives in the standard domain though the standard does not know it.
const rmsNormOp: Op<2, { epsilon: number }> = define(overLastAxis('SimplifiedLayerNormalization'))

/** x/√(mean(x²) + ε)·w over the last axis. */
export const rmsNorm = (x: Tensor, { epsilon, w }: { epsilon: number; w: Tensor }): Tensor =>
  rmsNormOp(x, w, { epsilon })

const instanceNorm: OpSpec = {
  onnx: 'InstanceNormalization',
  infer: (inputs) => ({ dtype: floatDType('InstanceNormalization', inputs), shape: inputs[0].shape }),
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
  for (const { shape } of [w, b]) {
    if (sameShape(shape, [channels])) continue
    throw new OnnxError('onnx/shape', `groupNorm: expected w and b of [${channels}], got ${printShape(shape)}`)
  }
  // One group is one "instance channel" of instance normalization, with scale 1 and shift 0.
  const flat = reshape(x, { shape: [batch, groups, (channels / groups) * height * width] })
  const normal = apply(instanceNorm, [flat, ...[1, 0].map((value) => cast(constant(value, [groups]), x.dtype))], {
    epsilon,
  })
  const perChannel = { shape: [1, channels, 1, 1] }
  return add(mul(reshape(normal, { shape: x.shape }), reshape(w, perChannel)), reshape(b, perChannel))
}

const rotaryOp: OpSpec = {
  onnx: 'RotaryEmbedding',
  domain: 'com.microsoft',
  infer: ([x, , cos, sin]) => {
    checkRank('RotaryEmbedding', x, 3)
    const [, length, width] = x.shape
    const fits = cos.shape.length === 2 && cos.shape[0] === length && width % (2 * cos.shape[1]) === 0
    if (!fits || !sameShape(cos.shape, sin.shape)) {
      const got = `${printShape(cos.shape)} and ${printShape(sin.shape)}`
      const rule = `tables [${length}, d/2] for heads of d in ${width}`
      throw new OnnxError('onnx/shape', `RotaryEmbedding: expected ${rule}, got ${got}`)
    }
    return { dtype: floatDType('RotaryEmbedding', [x, cos, sin]), shape: x.shape }
  },
  lower: () => ({ attributes: { interleaved: 1 } }),
}

/**
 * Rotates neighbouring pairs (2i, 2i+1) of each head: (a, b) → (a·cos − b·sin, b·cos + a·sin).
 * x [B, L, heads·d], cos and sin [L, d/2]: one row for each position. Source: RoFormer, in the pairing of FLUX.
 */
export const rotate = (x: Tensor, cos: Tensor, sin: Tensor): Tensor =>
  apply(rotaryOp, [x, constantInt64([0]), cos, sin])
