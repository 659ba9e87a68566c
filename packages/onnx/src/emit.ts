// A graph becomes the bytes of an ONNX model. Weights stay where they are: initializers point into their files.
import { onnxNumberOf } from './dtype.js'
import { type Graph, graphInputs } from './graph.js'
import type { AttributeValue, FileRange, Lowered, Tensor } from './ir.js'
import { fixedTensors } from './memory.js'
import { attributeType, externalLocation, ModelProto } from './proto.js'
import { sizeOf } from './shape.js'
import { verify } from './verify.js'

const irVersion = 10
/** Gelu came with operator set 20; onnxruntime knows up to 23 and more. */
const opset = 20

/** Attributes that ONNX defines as floats though their value may be whole, such as a scale of 1. */
const floatAttributes = new Set(['epsilon', 'scale'])

/**
 * Encodes a verified graph as a ModelProto.
 * External data locations are paths relative to the file system's root: the session must name that root as the folder of
 * external initializers. Then weights may lie in any folder and behind symbolic links.
 */
export function emit(graph: Graph): Uint8Array {
  verify(graph)
  const body = new Body()
  const names = new Map<Tensor, string>()
  // onnxruntime schedules backwards and takes later nodes first: with weight-only nodes (casts to float32) in front,
  // each runs right before its use and one copy is alive at a time; otherwise all of them are made at the start.
  const fixed = fixedTensors(graph.tensors)
  const ordered = [...graph.tensors.filter((x) => fixed.has(x)), ...graph.tensors.filter((x) => !fixed.has(x))]
  ordered.forEach((tensor, i) => {
    names.set(tensor, body.add(tensor, `t${i}`, names))
  })
  for (const [name, tensor] of Object.entries(graph.outputs)) {
    // Identity gives outputs their public names, also where one tensor has two.
    body.nodes.push({ opType: 'Identity', input: [names.get(tensor)!], output: [name] })
  }
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

  /** Adds a tensor and returns the name that its users refer to. */
  add(tensor: Tensor, name: string, names: ReadonlyMap<Tensor, string>): string {
    const { source, dtype, shape } = tensor
    switch (source.kind) {
      case 'input':
        return source.name
      case 'constant':
        this.initializers.push({ name, dims: shape, dataType: onnxNumberOf(dtype), rawData: source.bytes })
        return name
      case 'weight':
        this.addWeight(tensor, source.name, source.parts)
        return source.name
      case 'op': {
        const lowered: Lowered = source.op.lower?.(source.inputs, source.attributes) ?? {}
        const operands = lowered.operands ?? source.inputs.map((_, i) => i)
        const input = operands.map((operand, i) => {
          if (operand === null) return ''
          return typeof operand === 'number'
            ? names.get(source.inputs[operand])!
            : this.addInt64(`${name}.${i}`, operand)
        })
        const attribute = Object.entries(lowered.attributes ?? source.attributes).map(([key, value]) =>
          attributeProto(key, value),
        )
        this.nodes.push({
          opType: source.op.onnx,
          domain: source.op.domain ?? '',
          name,
          input,
          output: [name],
          attribute,
        })
        return name
      }
    }
  }

  private addWeight({ dtype, shape }: Tensor, name: string, parts: readonly FileRange[]): void {
    if (parts.length === 1) {
      this.initializers.push(external(name, onnxNumberOf(dtype), shape, parts[0]))
      return
    }
    const rowBytes = parts.reduce((n, part) => n + part.sizeBytes, 0) / shape[0]
    const pieces = parts.map((part, i) => {
      const dims = [part.sizeBytes / rowBytes, ...shape.slice(1)]
      this.initializers.push(external(`${name}#${i}`, onnxNumberOf(dtype), dims, part))
      return `${name}#${i}`
    })
    this.nodes.push({ opType: 'Concat', name, input: pieces, output: [name], attribute: [attributeProto('axis', 0)] })
  }

  private addInt64(name: string, values: readonly number[]): string {
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
  return floatAttributes.has(name)
    ? { name, type: attributeType.float, f: value }
    : { name, type: attributeType.int, i: value }
}

const valueInfo = (name: string, { dtype, shape }: Tensor): object => ({
  name,
  type: {
    tensorType: {
      elemType: onnxNumberOf(dtype),
      shape: { dim: (sizeOf(shape) > 0 ? shape : []).map((dimValue) => ({ dimValue })) },
    },
  },
})
