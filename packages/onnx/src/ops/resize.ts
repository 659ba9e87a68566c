// Pictures made larger.
import type { OpSpec, Tensor } from '../ir.js'
import { apply, checkRank, floatDType } from '../op.js'
import { reshape } from './movement.js'
import { sum } from './reduce.js'

const resizeOp: OpSpec = {
  onnx: 'Resize',
  vjp(g, [x]) {
    const [batch, channels, height, width] = x.shape
    const cells = reshape(g, { shape: [batch, channels, height, 2, width, 2] })
    return [reshape(sum(cells, { axes: [3, 5] }), { shape: x.shape })]
  },
  infer: ([x]) => {
    const [batch, channels, height, width] = x.shape
    return { dtype: floatDType('Resize', [x]), shape: [batch, channels, 2 * height, 2 * width] }
  },
  // With these attributes onnxruntime has a kernel of its own; repeating by Expand took it ten times as long.
  lower: ([x]) => {
    const [batch, channels, height, width] = x.shape
    const attributes = { mode: 'nearest', nearest_mode: 'floor', coordinate_transformation_mode: 'asymmetric' }
    return { attributes, operands: [0, null, null, [batch, channels, 2 * height, 2 * width]] }
  },
}

/** Doubles height and width by repeating each pixel: [B, C, H, W] → [B, C, 2H, 2W]. */
export function upsampleNearest2x(x: Tensor): Tensor {
  checkRank('upsampleNearest2x', x, 4)
  return apply(resizeOp, [x])
}
