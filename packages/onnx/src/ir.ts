// The symbolic tensor and the declaration of an op. A tensor is one node of the graph with its only output;
// leaves are inputs, weights in files, and constants.
import type { DType } from './dtype.js'
import type { Shape } from './shape.js'

/** A run of bytes in a file that holds (a part of) a weight. */
export interface FileRange {
  readonly file: string
  readonly offset: number
  readonly sizeBytes: number
}

export type AttributeValue = number | string | readonly number[]
export type Attributes = Readonly<Record<string, AttributeValue>>

export type Source =
  | { readonly kind: 'input'; readonly name: string }
  /** Bytes are the parts in order, joined along axis 0. */
  | { readonly kind: 'weight'; readonly name: string; readonly parts: readonly FileRange[] }
  | { readonly kind: 'constant'; readonly bytes: Uint8Array }
  | OpSource

export interface OpSource {
  readonly kind: 'op'
  readonly op: OpSpec
  readonly inputs: readonly Tensor[]
  readonly attributes: Attributes
}

export interface TensorType {
  readonly dtype: DType
  readonly shape: Shape
}

export interface Tensor extends TensorType {
  readonly source: Source
}

/** Gradient: from the gradient of the output to one per input (null: none). Written in ordinary ops. */
export type Vjp = (
  gradient: Tensor,
  inputs: readonly Tensor[],
  output: Tensor,
  attributes: Attributes,
) => readonly (Tensor | null)[]

export interface OpSpec {
  readonly onnx: string
  /** Empty for the standard operator set. */
  readonly domain?: 'com.microsoft'
  readonly infer: (inputs: readonly Tensor[], attributes: Attributes) => TensorType
  /** Absent: no gradient is declared; null: not differentiable. */
  readonly vjp?: Vjp | null
  /** What ONNX sees when it differs from the IR: attributes, and lists of int64 passed as operands. */
  readonly lower?: (inputs: readonly Tensor[], attributes: Attributes) => Lowered
  /** Working memory beside inputs and output, in bytes. */
  readonly scratchBytes?: (inputs: readonly Tensor[], attributes: Attributes) => number
}

export interface Lowered {
  readonly attributes?: Attributes
  /** Operands in ONNX's order: an index into the inputs, a list of int64, or null for an absent optional operand. */
  readonly operands?: readonly (number | readonly number[] | null)[]
}
