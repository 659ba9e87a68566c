// The verifier runs every rule of SPEC.md over a built graph. Building checks most of them already; this checks the result.
import { bytesOf } from './dtype.js'
import { OnnxError } from './errors.js'
import { type Graph, inputsOf } from './graph.js'
import type { Tensor } from './ir.js'
import { sameShape, sizeOf } from './shape.js'

/** Lists what is wrong with a graph, by rule; empty when it is sound. */
export function problemsOf(graph: Graph): string[] {
  const problems: string[] = []
  const position = new Map(graph.tensors.map((tensor, i) => [tensor, i]))
  if (Object.keys(graph.outputs).length === 0) problems.push('[V1] the graph has no output')
  for (const [name, tensor] of Object.entries(graph.outputs)) {
    if (!position.has(tensor)) problems.push(`[V1] output ${name} is not in the graph`)
  }
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
  if (!shape.every((d) => Number.isSafeInteger(d) && d > 0)) return [`[V3] ${where} has the shape [${shape}]`]
  const sizeBytes = sizeOf(shape) * bytesOf(dtype)
  if (source.kind === 'op') {
    try {
      const type = source.op.infer(source.inputs, source.attributes)
      if (type.dtype === dtype && sameShape(type.shape, shape)) return []
      return [`[V4] ${where} ${source.op.onnx} is ${dtype} [${shape}] but infers ${type.dtype} [${type.shape}]`]
    } catch (error) {
      return [`[V4] ${where} ${source.op.onnx}: ${(error as Error).message}`]
    }
  }
  if (source.kind === 'constant' && source.bytes.length !== sizeBytes) {
    return [`[V5] ${where} holds ${source.bytes.length} bytes, its type needs ${sizeBytes}`]
  }
  if (source.kind === 'weight') {
    const held = source.parts.reduce((n, part) => n + part.sizeBytes, 0)
    if (held !== sizeBytes) return [`[V5] ${where} ${source.name} points at ${held} bytes, its type needs ${sizeBytes}`]
    const partial =
      source.parts.length > 1 && source.parts.some((part) => part.sizeBytes % (sizeBytes / shape[0]) !== 0)
    if (partial) return [`[V5] ${where} ${source.name} has parts that are not whole rows`]
  }
  return []
}

/** Inputs, weights and outputs share one name space: one name, one tensor. */
function nameProblems({ tensors, outputs }: Graph): string[] {
  const seen = new Set(Object.keys(outputs))
  const problems: string[] = []
  for (const { source } of tensors) {
    if (source.kind !== 'input' && source.kind !== 'weight') continue
    if (seen.has(source.name)) problems.push(`[V6] the name ${source.name} is used by two tensors`)
    seen.add(source.name)
  }
  return problems
}
