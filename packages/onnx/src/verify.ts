// The verifier runs every rule of SPEC.md over a built graph. Building checks most of them already; this checks the result.
import { bytesOf } from './dtype.js'
import { OnnxError } from './errors.js'
import { type Graph, inputsOf } from './graph.js'
import type { Tensor, TensorType } from './ir.js'
import { isPublicName } from './names.js'
import { printShape, sameShape, sizeOf } from './shape.js'
import { rangeProblem } from './tensor.js'

/** Lists what is wrong with a graph, by rule; empty when it is sound. */
export function problemsOf(graph: Graph): string[] {
  const problems: string[] = []
  const position = new Map(graph.tensors.map((tensor, i) => [tensor, i]))
  if (Object.keys(graph.outputs).length === 0) problems.push('[V1] the graph has no output')
  for (const [name, tensor] of Object.entries(graph.outputs)) {
    if (!position.has(tensor)) problems.push(`[V1] output ${name} is not in the graph`)
  }
  if (position.size < graph.tensors.length) problems.push('[V2] a tensor is listed twice')
  graph.tensors.forEach((tensor, i) => {
    const where = `%${i}`
    for (const operand of inputsOf(tensor)) {
      const at = position.get(operand)
      if (at === undefined || at >= i) problems.push(`[V2] ${where} uses a tensor that does not come before it`)
    }
    problems.push(...typeProblems(where, tensor))
  })
  problems.push(...nameProblems(graph))
  return problems
}

/** Throws `onnx/invalid-graph` with every problem. */
export function verify(graph: Graph): void {
  const problems = problemsOf(graph)
  if (problems.length > 0) {
    throw new OnnxError('onnx/invalid-graph', `${graph.name}: expected a sound graph, got ${problems.join('; ')}`)
  }
}

function typeProblems(where: string, { dtype, shape, source }: Tensor): string[] {
  if (!shape.every((d) => Number.isSafeInteger(d) && d > 0)) return [`[V3] ${where} has the shape ${printShape(shape)}`]
  if (source.kind === 'op') {
    try {
      const type = source.op.infer(source.inputs, source.attributes)
      if (type.dtype === dtype && sameShape(type.shape, shape)) return []
      return [`[V4] ${where} ${source.op.onnx} is ${typeOf({ dtype, shape })} but infers ${typeOf(type)}`]
    } catch (error) {
      return [`[V4] ${where} ${source.op.onnx}: ${(error as Error).message}`]
    }
  }
  const neededBytes = sizeOf(shape) * bytesOf(dtype)
  if (source.kind === 'constant' && source.bytes.length !== neededBytes) {
    return [`[V5] ${where} holds ${source.bytes.length} bytes, its type needs ${neededBytes}`]
  }
  if (source.kind === 'weight') {
    const problem = rangeProblem(dtype, shape, source.parts)
    if (problem) return [`[V5] ${where} ${source.name}: ${problem}`]
  }
  return []
}

const typeOf = ({ dtype, shape }: TensorType): string => `${dtype} ${printShape(shape)}`

/** Inputs, weights and outputs share one name space: one name, one tensor. Names that emission gives are not for them. */
function nameProblems({ tensors, outputs }: Graph): string[] {
  const leaves = tensors.flatMap(({ source }) =>
    source.kind === 'input' || source.kind === 'weight' ? source.name : [],
  )
  const seen = new Set<string>()
  const problems: string[] = []
  for (const name of [...Object.keys(outputs), ...leaves]) {
    if (!isPublicName(name)) problems.push(`[V6] the name "${name}" is empty or starts with %`)
    if (seen.has(name)) problems.push(`[V6] the name ${name} is used by two tensors`)
    seen.add(name)
  }
  return problems
}
