// Normalizations and the rotary embedding.
import { OnnxError } from '../errors.js'
import type { OpSpec, Tensor, Vjp } from '../ir.js'
import { apply, checkRank, define, floatDType, type Op } from '../op.js'
import { printShape, sameShape } from '../shape.js'
import { constant, constantInt64 } from '../tensor.js'
import { add, cast, div, mul, neg, sqrt, sub } from './elementwise.js'
import { reshape } from './movement.js'
import { mean, sum } from './reduce.js'

const overLastAxis = (onnx: string, vjp: Vjp): OpSpec => ({
  onnx,
  vjp,
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

/** x minus its mean over the axes, and 1/√(variance + ε). */
function standardize(x: Tensor, axes: readonly number[], epsilon: number): { normal: Tensor; scale: Tensor } {
  const centred = sub(x, mean(x, { axes }))
  const variance = mean(mul(centred, centred), { axes })
  const scale = inverseRoot(variance, epsilon)
  return { normal: mul(centred, scale), scale }
}

const inverseRoot = (x: Tensor, epsilon: number): Tensor => {
  const number = (value: number): Tensor => cast(constant(value), x.dtype)
  return div(number(1), sqrt(add(x, number(epsilon))))
}

/** Gradient through n = (x − mean)·s: s·(g − mean(g) − n·mean(g·n)). */
const standardizeGradient = (g: Tensor, normal: Tensor, scale: Tensor, axes: readonly number[]): Tensor =>
  mul(scale, sub(sub(g, mean(g, { axes })), mul(normal, mean(mul(g, normal), { axes }))))

const layerNormOp = overLastAxis('LayerNormalization', (g, [x, w, b], _, { epsilon }) => {
  const { normal, scale } = standardize(x, [-1], epsilon as number)
  // The walker sums the weights' gradients over all leading axes.
  return [standardizeGradient(mul(g, w), normal, scale, [-1]), mul(g, normal), ...(b ? [g] : [])]
})

/** (x − mean)/√(var + ε)·w + b over the last axis; without weights w = 1, b = 0. */
export function layerNorm(x: Tensor, { epsilon, w, b }: { epsilon: number; w?: Tensor; b?: Tensor }): Tensor {
  const ones = (): Tensor => cast(constant(1, x.shape.slice(-1)), x.dtype)
  return apply(layerNormOp, [x, w ?? ones(), ...(b ? [b] : [])], { epsilon })
}

// onnxruntime's name for RMS normalization; it lives in the standard domain though the standard does not know it.
const rmsNormOp: Op<2, { epsilon: number }> = define(
  overLastAxis('SimplifiedLayerNormalization', (g, [x, w], _, { epsilon }) => {
    const scale = inverseRoot(mean(mul(x, x), { axes: [-1] }), epsilon as number)
    const normal = mul(x, scale)
    const weighted = mul(g, w)
    // n = x·s with s = 1/√(mean(x²) + ε): dx = s·(g − n·mean(g·n))
    const ofInput = mul(scale, sub(weighted, mul(normal, mean(mul(weighted, normal), { axes: [-1] }))))
    return [ofInput, mul(g, normal)]
  }),
)

/** x/√(mean(x²) + ε)·w over the last axis. */
export const rmsNorm = (x: Tensor, { epsilon, w }: { epsilon: number; w: Tensor }): Tensor =>
  rmsNormOp(x, w, { epsilon })

const instanceNorm: OpSpec = {
  onnx: 'InstanceNormalization',
  vjp: (g, [x, w], _, { epsilon }) => {
    const axes = x.shape.map((_, i) => i).slice(2)
    const { normal, scale } = standardize(x, axes, epsilon as number)
    const perChannel = { shape: [1, x.shape[1], ...axes.map(() => 1)] }
    const overOthers = (y: Tensor): Tensor => reshape(sum(y, { axes: [0, ...axes] }), { shape: w.shape })
    const ofInput = standardizeGradient(mul(g, reshape(w, perChannel)), normal, scale, axes)
    return [ofInput, overOthers(mul(g, normal)), overOthers(g)]
  },
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
  // A rotation is undone by the opposite angle. Positions and tables are not learnt.
  vjp: (g, [, , cos, sin]) => [rotate(g, cos, neg(sin)), null, null, null],
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
