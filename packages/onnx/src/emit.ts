// A graph becomes the bytes of an ONNX model. Weights stay where they are: initializers point into their files.
import { onnxNumberOf } from './dtype.js'
import { fixedTensors, type Graph, graphInputs } from './graph.js'
import type { Attributes, AttributeValue, FileRange, Lowered, OpSource, Tensor } from './ir.js'
import { attributeType, externalLocation, ModelProto } from './proto.js'
import { verify } from './verify.js'

const irVersion = 10
/** Gelu came with operator set 20; onnxruntime knows up to 23 and more. */
const opset = 20

/** Attributes that ONNX defines as floats though their value may be whole, such as a scale of 1. All others are whole. */
const floatAttributes = new Set(['alpha', 'epsilon', 'scale'])

/**
 * Encodes a verified graph as a ModelProto, by the rules [E1]…[E8] of SPEC.md. Throws `onnx/invalid-graph`.
 * External data locations are paths relative to the file system's root: the session must name that root as the folder of
 * external initializers. Then weights may lie in any folder and behind symbolic links.
 */
export function emit(graph: Graph): Uint8Array {
  verify(graph)
  const body = new Body(graph.tensors)
  // onnxruntime schedules backwards and takes later nodes first: with weight-only nodes (casts to float32) in front,
  // each runs right before its use and one copy is alive at a time; otherwise all of them are made at the start.
  const fixed = fixedTensors(graph.tensors)
  for (const tensor of graph.tensors) if (fixed.has(tensor)) body.add(tensor)
  for (const tensor of graph.tensors) if (!fixed.has(tensor)) body.add(tensor)
  for (const [name, tensor] of Object.entries(graph.outputs)) body.addOutput(name, tensor)
  const message = {
    irVersion,
    producerName: 'dreamgraph',
    opsetImport: [
      { domain: '', version: opset },
      { domain: 'com.microsoft', version: 1 },
    ],
    graph: {
      name: graph.name,
      node: body.nodes,
      initializer: body.initializers,
      input: [...graphInputs(graph)].map(([name, tensor]) => valueInfo(name, tensor)),
      output: Object.entries(graph.outputs).map(([name, tensor]) => valueInfo(name, tensor)),
    },
  }
  return ModelProto.encode(ModelProto.create(message)).finish()
}

class Body {
  readonly nodes: object[] = []
  readonly initializers: object[] = []
  readonly #names: ReadonlyMap<Tensor, string>

  /** Inputs and weights keep their names; the others are called as in the printed form. */
  constructor(tensors: readonly Tensor[]) {
    this.#names = new Map(tensors.map((tensor, i) => [tensor, 'name' in tensor.source ? tensor.source.name : `%${i}`]))
  }

  add(tensor: Tensor): void {
    const { source, dtype, shape } = tensor
    const name = this.#names.get(tensor)!
    switch (source.kind) {
      case 'input':
        break
      case 'constant':
        this.initializers.push({ name, dims: shape, dataType: onnxNumberOf(dtype), rawData: source.bytes })
        break
      case 'weight':
        this.#addWeight(name, tensor, source.parts)
        break
      case 'op':
        this.#addNode(name, source)
    }
  }

  /** Identity gives outputs their public names, also where one tensor has two. */
  addOutput(name: string, tensor: Tensor): void {
    this.nodes.push({ opType: 'Identity', name, input: [this.#names.get(tensor)!], output: [name] })
  }

  #addNode(name: string, { op, inputs, attributes }: OpSource): void {
    const lowered: Lowered = op.lower?.(inputs, attributes) ?? {}
    const operands = lowered.operands ?? inputs.map((_, i) => i)
    const input = operands.map((operand, i) => {
      if (operand === null) return ''
      return typeof operand === 'number'
        ? this.#names.get(inputs[operand])!
        : this.#addInt64(`${name}.operand${i}`, operand)
    })
    const attribute = Object.entries(lowered.attributes ?? attributes).map(([key, value]) => attributeProto(key, value))
    this.nodes.push({ opType: op.onnx, domain: op.domain ?? '', name, input, output: [name], attribute })
  }

  /** One part is an initializer; several are one each, joined along axis 0. */
  #addWeight(name: string, { dtype, shape }: Tensor, parts: readonly FileRange[]): void {
    const type = onnxNumberOf(dtype)
    if (parts.length === 1) {
      this.initializers.push(external(name, type, shape, parts[0]))
      return
    }
    const rowBytes = parts.reduce((n, part) => n + part.sizeBytes, 0) / shape[0]
    // Concat does not take fp8. float16 holds each of its values, so the way there and back changes none.
    const isFp8 = dtype.startsWith('float8')
    const pieces = parts.map((part, i) => {
      const piece = `%${name}.part${i}`
      this.initializers.push(external(piece, type, [part.sizeBytes / rowBytes, ...shape.slice(1)], part))
      return isFp8 ? this.#addCast(`${piece}.half`, piece, { to: onnxNumberOf('float16') }) : piece
    })
    const joined = isFp8 ? `%${name}.half` : name
    const attribute = [attributeProto('axis', 0)]
    this.nodes.push({ opType: 'Concat', name: joined, input: pieces, output: [joined], attribute })
    if (isFp8) this.#addCast(name, joined, { to: type, saturate: 0 })
  }

  #addCast(name: string, from: string, attributes: Attributes): string {
    const attribute = Object.entries(attributes).map(([key, value]) => attributeProto(key, value))
    this.nodes.push({ opType: 'Cast', name, input: [from], output: [name], attribute })
    return name
  }

  #addInt64(name: string, values: readonly number[]): string {
    const rawData = new Uint8Array(BigInt64Array.from(values, BigInt).buffer)
    this.initializers.push({ name, dims: [values.length], dataType: onnxNumberOf('int64'), rawData })
    return name
  }
}

function external(name: string, dataType: number, dims: readonly number[], part: FileRange): object {
  const location = part.file.replaceAll('\\', '/').replace(/^([A-Za-z]:)?\/+/, '')
  const entries = { location, offset: String(part.offset), length: String(part.sizeBytes) }
  const externalData = Object.entries(entries).map(([key, value]) => ({ key, value }))
  return { name, dims, dataType, dataLocation: externalLocation, externalData }
}

function attributeProto(name: string, value: AttributeValue): object {
  if (typeof value === 'string') return { name, type: attributeType.string, s: new TextEncoder().encode(value) }
  if (typeof value !== 'number') return { name, type: attributeType.ints, ints: value }
  if (floatAttributes.has(name)) return { name, type: attributeType.float, f: value }
  if (!Number.isInteger(value)) throw new Error(`internal: attribute ${name}: expected a whole number, got ${value}`)
  return { name, type: attributeType.int, i: value }
}

const valueInfo = (name: string, { dtype, shape }: Tensor): object => ({
  name,
  type: {
    tensorType: {
      elemType: onnxNumberOf(dtype),
      shape: { dim: shape.map((dimValue) => ({ dimValue })) },
    },
  },
})
