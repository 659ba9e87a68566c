// Reverse-mode differentiation: from a scalar to gradients, as more of the same graph.
// One walker accumulates and un-broadcasts; what an op does backwards stands beside what it does forwards (`vjp`).
import { isFloat } from './dtype.js'
import { OnnxError } from './errors.js'
import { graph, inputsOf } from './graph.js'
import type { Tensor } from './ir.js'
import { add, cast } from './ops/elementwise.js'
import { reshape } from './ops/movement.js'
import { sum } from './ops/reduce.js'
import { type Region, rebuild, regionOf, waitingFor } from './recompute.js'
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
  const sums: Sums = new Map([[loss, cast(constant(1, loss.shape), loss.dtype)]])
  walk([loss], new Set(wrt), sums)
  return wrt.map((tensor) => sums.get(tensor) ?? cast(constant(0, tensor.shape), tensor.dtype))
}

/** Sums of gradients by tensor; the walker reads those of users and adds to those of operands. */
type Sums = Map<Tensor, Tensor>

/** Passes gradients back from the ends to the roots; each tensor is visited after all its users. */
function walk(ends: readonly Tensor[], roots: ReadonlySet<Tensor>, sums: Sums): void {
  const reached = dependents(ends, roots)
  for (const step of stepsFrom(ends, roots).toReversed()) {
    if ('outputs' in step) {
      walkRegion(step, roots, reached, sums)
      continue
    }
    const gradient = sums.get(step)
    if (!gradient || !reached.has(step)) continue
    for (const [operand, share] of sharesOf(step, gradient, reached)) addTo(sums, operand, share)
  }
}

/** The backward pass of a region, over a copy that is computed from its inputs once the gradients are there. */
function walkRegion(region: Region, roots: ReadonlySet<Tensor>, reached: ReadonlySet<Tensor>, sums: Sums): void {
  // An output listed twice has one gradient, and one that is an input too is walked with the inputs.
  const outputs = [...new Set(region.outputs)].filter(
    (output) => reached.has(output) && !region.inputs.includes(output),
  )
  const first = outputs.map((output) => sums.get(output)).find((gradient) => gradient !== undefined)
  if (!first) return
  const copy = rebuild(region, first)
  const inner: Sums = new Map()
  for (const output of outputs) {
    const gradient = sums.get(output)
    if (gradient) addTo(inner, copy.outputs[region.outputs.indexOf(output)], gradient)
  }
  // The copy's inputs are roots of the inner walk: what lies before them is walked by who called us.
  walk([...inner.keys()], new Set([...copy.inputs, ...roots]), inner)
  const learnt = [...roots].filter((root) => inner.has(root) && !copy.inputs.includes(root))
  for (const root of learnt) addTo(sums, root, inner.get(root)!)
  // The way on waits until what is learnt here is done, so that this copy is dropped before the next one is made.
  const done = learnt.map((root) => inner.get(root)!)
  copy.inputs.forEach((input, i) => {
    const gradient = inner.get(input)
    if (gradient) addTo(sums, region.inputs[i], done.length > 0 ? waitingFor(done, gradient) : gradient)
  })
}

function addTo(sums: Sums, tensor: Tensor, share: Tensor): void {
  const before = sums.get(tensor)
  sums.set(tensor, before ? add(before, share) : share)
}

/**
 * What the ends hang on, down to the roots, each step after those it needs. A region is one step that needs all its inputs;
 * its inner tensors are none, unless something outside uses one: that way is then walked like any other.
 */
function stepsFrom(ends: readonly Tensor[], roots: ReadonlySet<Tensor>): (Tensor | Region)[] {
  const steps: (Tensor | Region)[] = []
  const seen = new Set<Tensor | Region>()
  const stepOf = (tensor: Tensor): Tensor | Region => (roots.has(tensor) ? tensor : (regionOf(tensor) ?? tensor))
  const stack = ends.map((tensor) => ({ step: stepOf(tensor), open: false }))
  while (stack.length > 0) {
    const { step, open } = stack.pop()!
    if (open) steps.push(step)
    else if (!seen.has(step)) {
      seen.add(step)
      stack.push({ step, open: true })
      const needs = 'outputs' in step ? step.inputs : roots.has(step) ? [] : inputsOf(step)
      for (const operand of needs) stack.push({ step: stepOf(operand), open: false })
    }
  }
  return steps
}

/** Everything that hangs on one of `roots`, the roots themselves among it. */
function dependents(ends: readonly Tensor[], roots: ReadonlySet<Tensor>): Set<Tensor> {
  const reached = new Set(roots)
  const { tensors } = graph('ends', Object.fromEntries(ends.map((end, i) => [`end${i}`, end])))
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
