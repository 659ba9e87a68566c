// Reverse-mode differentiation: from a scalar to gradients, as more of the same graph.
// One walker accumulates and un-broadcasts; what an op does backwards stands beside what it does forwards (`vjp`).
import { isFloat } from './dtype.js'
import { OnnxError } from './errors.js'
import { graph, inputsOf } from './graph.js'
import type { Tensor } from './ir.js'
import { add, cast } from './ops/elementwise.js'
import { reshape } from './ops/movement.js'
import { sum } from './ops/reduce.js'
import { printShape, sameShape, sizeOf } from './shape.js'
import { constant } from './tensor.js'

/**
 * Gradients of a scalar loss with respect to tensors of its graph, one for each, of their shapes. What the loss does not
 * hang on gets zeros. Throws onnx/shape for a loss that is no scalar, onnx/not-differentiable.
 */
export function gradients(loss: Tensor, wrt: readonly Tensor[]): Tensor[] {
  if (sizeOf(loss.shape) !== 1) {
    throw new OnnxError('onnx/shape', `gradients: expected a loss of one number, got ${printShape(loss.shape)}`)
  }
  const { tensors } = graph('loss', { loss })
  const reached = dependents(tensors, wrt)
  const sums = new Map<Tensor, Tensor>([[loss, cast(constant(1, loss.shape), loss.dtype)]])
  for (const tensor of tensors.toReversed()) {
    const gradient = sums.get(tensor)
    if (!gradient || !reached.has(tensor)) continue
    for (const [operand, share] of sharesOf(tensor, gradient, reached)) {
      const before = sums.get(operand)
      sums.set(operand, before ? add(before, share) : share)
    }
  }
  return wrt.map((tensor) => sums.get(tensor) ?? cast(constant(0, tensor.shape), tensor.dtype))
}

/** Everything that hangs on one of `roots`, the roots themselves among it. */
function dependents(tensors: readonly Tensor[], roots: readonly Tensor[]): Set<Tensor> {
  const reached = new Set(roots)
  for (const tensor of tensors) if (inputsOf(tensor).some((operand) => reached.has(operand))) reached.add(tensor)
  return reached
}

/** What a tensor passes back to each operand that leads to a root, in the operand's own shape. */
function sharesOf(tensor: Tensor, gradient: Tensor, reached: ReadonlySet<Tensor>): [Tensor, Tensor][] {
  const { source } = tensor
  if (source.kind !== 'op' || !source.inputs.some((operand) => reached.has(operand))) return []
  const { op, inputs, attributes } = source
  if (!op.vjp) {
    throw new OnnxError('onnx/not-differentiable', `${op.onnx}: expected an operation with a gradient, got one without`)
  }
  const shares = op.vjp(gradient, inputs, tensor, attributes)
  return inputs.flatMap((operand, i): [Tensor, Tensor][] => {
    const share = shares[i]
    return share && reached.has(operand) && isFloat(operand.dtype) ? [[operand, unbroadcast(share, operand)]] : []
  })
}

/** Sums a gradient over the axes along which its operand was repeated. */
function unbroadcast(gradient: Tensor, { shape }: Tensor): Tensor {
  if (sameShape(gradient.shape, shape)) return gradient
  const extra = gradient.shape.length - shape.length
  const axes = gradient.shape.flatMap((d, i) => (i < extra || (shape[i - extra] === 1 && d !== 1) ? [i] : []))
  return reshape(axes.length > 0 ? sum(gradient, { axes }) : gradient, { shape })
}
