// Turns the declaration of an op into the function that adds its node to a graph.
import { type DType, isFloat, isNumber } from './dtype.js'
import { OnnxError } from './errors.js'
import type { Attributes, OpSpec, Tensor } from './ir.js'
import { checkShape, printShape } from './shape.js'

/** A function that adds one node to the graph: one or two inputs, then attributes if it has any. */
export type Op<N extends 1 | 2, A extends Attributes | undefined = undefined> = (
  ...args: A extends undefined ? Inputs<N> : [...Inputs<N>, attributes: A]
) => Tensor

type Inputs<N extends 1 | 2> = N extends 1 ? [x: Tensor] : [a: Tensor, b: Tensor]

/** Declares an op. Attributes are checked by `infer`, which runs while the graph is built. */
export function define<N extends 1 | 2, A extends Attributes | undefined = undefined>(spec: OpSpec): Op<N, A> {
  return (...args: unknown[]): Tensor => {
    const last = args[args.length - 1]
    return apply(spec, args.filter(isTensor), isTensor(last) ? {} : (last as Attributes))
  }
}

/** Adds a node of a declared op; `define` gives the typed form of this. */
export function apply(spec: OpSpec, inputs: readonly Tensor[], attributes: Attributes = {}): Tensor {
  if (inputs.length === 0) throw new OnnxError('onnx/shape', `${spec.onnx}: expected an operand, got none`)
  const { dtype, shape } = spec.infer(inputs, attributes)
  checkShape(spec.onnx, shape)
  return { dtype, shape, source: { kind: 'op', op: spec, inputs, attributes } }
}

const isTensor = (value: unknown): value is Tensor => typeof value === 'object' && value !== null && 'source' in value

/** The common element type of all inputs. Throws `onnx/dtype`. */
export function sameDType(where: string, inputs: readonly Tensor[]): DType {
  const { dtype } = inputs[0]
  const other = inputs.find((x) => x.dtype !== dtype)
  if (other) throw new OnnxError('onnx/dtype', `${where}: expected one element type, got ${dtype} and ${other.dtype}`)
  return dtype
}

/** As `sameDType`, for ops that are defined on numbers: bool and the storage-only fp8 types are refused. */
export function numberDType(where: string, inputs: readonly Tensor[]): DType {
  const dtype = sameDType(where, inputs)
  if (isNumber(dtype)) return dtype
  throw new OnnxError('onnx/dtype', `${where}: expected numbers to compute with, got ${dtype}`)
}

/** As `sameDType`, for ops that are defined on fractions only. */
export function floatDType(where: string, inputs: readonly Tensor[]): DType {
  const dtype = sameDType(where, inputs)
  if (isFloat(dtype)) return dtype
  throw new OnnxError('onnx/dtype', `${where}: expected a float type to compute with, got ${dtype}`)
}

/** Throws `onnx/shape` unless the tensor has this rank. */
export function checkRank(where: string, x: Tensor, rank: number): void {
  if (x.shape.length !== rank) {
    throw new OnnxError('onnx/shape', `${where}: expected ${rank} dimensions, got ${printShape(x.shape)}`)
  }
}
