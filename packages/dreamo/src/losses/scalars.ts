// Whole tensors as one number.
import { mean, mul, reshape, sizeOf, sum, type Tensor } from '@dreamgraph/onnx'

/** Mean over everything → scalar. */
export const meanOfAll = (x: Tensor): Tensor => toScalar(mean(flat(x), { axes: [0] }))

/** Sum of everything → scalar. */
export const sumOfAll = (x: Tensor): Tensor => toScalar(sum(flat(x), { axes: [0] }))

/** Mean of squares over everything → scalar. */
export const meanSquare = (x: Tensor): Tensor => meanOfAll(mul(x, x))

const flat = (x: Tensor): Tensor => reshape(x, { shape: [sizeOf(x.shape)] })
const toScalar = (x: Tensor): Tensor => reshape(x, { shape: [] })
