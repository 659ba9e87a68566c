// The printed form: one line a node, stable, meant for eyes and for snapshots in tests.
import { bytesOf, type DType, shortNameOf } from './dtype.js'
import type { Graph } from './graph.js'
import type { Tensor } from './ir.js'
import { printShape } from './shape.js'

/** Prints a graph, such as `%2 f32[2,4] = Add(%0, %1)`. */
export function print({ name, tensors, outputs }: Graph): string {
  const ids = new Map(tensors.map((tensor, i) => [tensor, `%${i}`]))
  const lines = tensors.map((tensor) => `  ${ids.get(tensor)} ${typeOf(tensor)} = ${right(tensor, ids)}`)
  const ends = Object.entries(outputs).map(([key, tensor]) => `  return ${key} = ${ids.get(tensor)}`)
  return [`graph ${name}`, ...lines, ...ends].join('\n')
}

const typeOf = ({ dtype, shape }: Tensor): string => `${shortNameOf(dtype)}${printShape(shape)}`

function right(tensor: Tensor, ids: ReadonlyMap<Tensor, string>): string {
  const { source } = tensor
  switch (source.kind) {
    case 'input':
      return `input ${source.name}`
    case 'weight':
      return `weight ${source.name}`
    case 'constant':
      return `constant ${printValues(tensor.dtype, source.bytes)}`
    case 'op': {
      const operands = source.inputs.map((x) => ids.get(x) ?? '%?')
      const attributes = Object.entries(source.attributes).map(([key, value]) => `${key}=${JSON.stringify(value)}`)
      return `${source.op.onnx}(${[...operands, ...attributes].join(', ')})`
    }
  }
}

/** Few values are shown, many are counted: prints of large models stay readable. */
function printValues(dtype: DType, bytes: Uint8Array): string {
  const count = bytes.length / bytesOf(dtype)
  if (count > 4) return `of ${count} values`
  const { buffer } = bytes.slice()
  const values = dtype === 'int64' ? [...new BigInt64Array(buffer)] : [...new Float32Array(buffer)]
  return values.map((value) => Number(Number(value).toPrecision(7))).join(' ')
}
