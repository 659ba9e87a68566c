// ONNX files from elsewhere, whose inputs and outputs we have to read off them. Each run has a process of its own.
import { readFile, stat } from 'node:fs/promises'
import { openRuntime, type TensorData } from '@dreamgraph/runtime'
import protobuf from 'protobufjs/light.js'
import { NodesError } from '../errors.js'

/** Where a model is, and what messages call it. */
export interface ModelPath {
  readonly path: string
  readonly name: string
}

export interface OnnxFile {
  readonly name: string
  readonly bytes: Uint8Array
  readonly inputs: readonly OnnxValue[]
  readonly outputs: readonly OnnxValue[]
}

/** An input or output; a size that each run may choose is undefined. */
export interface OnnxValue {
  readonly name: string
  readonly isFloat32: boolean
  readonly shape: readonly (number | undefined)[]
}

/** The largest message of protobuf. */
const maxModelBytes = 2 ** 31 - 1

/** What a convolution net of this kind holds at one time, in sizes of its input. A guess on the safe side. */
const activationsPerInput = 96

/** Reads a model's file and its interface. Throws nodes/model-unsupported. */
export async function readOnnxFile({ path, name }: ModelPath): Promise<OnnxFile> {
  const { size } = await stat(path)
  if (size > maxModelBytes) unsupported(name, `a model of at most ${maxModelBytes} bytes in one file`, `${size}`)
  const bytes = await readFile(path)
  return { name, bytes, ...readInterface(bytes, name) }
}

/** The only input. Throws nodes/model-unsupported unless it takes pictures as float32 [1, 3, height, width]. */
export function pictureInput({ name, inputs }: OnnxFile): OnnxValue & { height?: number; width?: number } {
  const [input] = inputs
  const rule = 'one float32 input of shape [1, 3, height, width]'
  if (inputs.length !== 1 || !input) return unsupported(name, rule, `${inputs.length} inputs`)
  const [batch, channels, height, width] = input.shape
  const fits = input.shape.length === 4 && (batch ?? 1) === 1 && (channels ?? 3) === 3 && input.isFloat32
  if (!fits) return unsupported(name, rule, `[${input.shape.map((size) => size ?? '?').join(', ')}]`)
  return { ...input, height, width }
}

/** Runs the model once on one input and returns its outputs in the order of the file. Throws the runtime's errors. */
export async function runOnnxFile(
  file: OnnxFile,
  input: { readonly name: string; readonly tensor: TensorData },
  { signal }: { signal?: AbortSignal },
): Promise<TensorData[]> {
  const { name, bytes, outputs } = file
  // The cpu on purpose: these models are small, and pictures must not depend on where they were cut out.
  const runtime = await openRuntime({ device: 'cpu' })
  try {
    const peakActivationBytes = input.tensor.data.byteLength * activationsPerInput
    const session = runtime.session({ name, bytes, weightBytes: bytes.length, peakActivationBytes })
    const results = await session.run({ [input.name]: input.tensor }, { signal })
    return outputs.map((output) => results[output.name]!)
  } finally {
    await runtime.close()
  }
}

export function unsupported(name: string, rule: string, got: string, cause?: unknown): never {
  throw new NodesError('nodes/model-unsupported', `${name}: expected ${rule}, got ${got}`, { cause })
}

/** The little of onnx.proto that names inputs and outputs; all else, weights first, is skipped. */
const messages = {
  ModelProto: { graph: ['GraphProto', 7] },
  GraphProto: {
    initializer: ['TensorProto', 5, 'repeated'],
    input: ['ValueInfoProto', 11, 'repeated'],
    output: ['ValueInfoProto', 12, 'repeated'],
  },
  TensorProto: { name: ['string', 8] },
  ValueInfoProto: { name: ['string', 1], type: ['TypeProto', 2] },
  TypeProto: { tensorType: ['TensorTypeProto', 1] },
  TensorTypeProto: { elemType: ['int32', 1], shape: ['TensorShapeProto', 2] },
  TensorShapeProto: { dim: ['DimensionProto', 1, 'repeated'] },
  DimensionProto: { dimValue: ['int64', 1] },
} as const

const nested = Object.entries(messages).map(([message, fields]) => {
  const entries = Object.entries(fields).map(([field, [type, id, rule]]) => [field, { type, id, rule }])
  return [message, { fields: Object.fromEntries(entries) }]
})
const ModelProto = protobuf.Root.fromJSON({ nested: Object.fromEntries(nested) }).lookupType('ModelProto')

const float32Code = 1 // TensorProto.DataType.FLOAT

interface DecodedValue {
  readonly name?: string
  readonly type?: { tensorType?: { elemType?: number; shape?: { dim?: { dimValue?: number }[] } } }
}

function readInterface(bytes: Uint8Array, name: string): Pick<OnnxFile, 'inputs' | 'outputs'> {
  let graph: { initializer?: { name?: string }[]; input?: DecodedValue[]; output?: DecodedValue[] } | undefined
  try {
    graph = ModelProto.toObject(ModelProto.decode(bytes), { longs: Number }).graph
  } catch (cause) {
    unsupported(name, 'an ONNX model', 'other data', cause)
  }
  if (!graph?.output?.length) return unsupported(name, 'an ONNX model', 'data without a graph')
  // Up to IR version 3 the weights were listed among the inputs too.
  const weights = new Set(graph.initializer?.map((weight) => weight.name))
  const inputs = graph.input?.filter((input) => !weights.has(input.name)) ?? []
  return { inputs: inputs.map(readValue), outputs: graph.output.map(readValue) }
}

function readValue({ name = '', type }: DecodedValue): OnnxValue {
  const { elemType, shape } = type?.tensorType ?? {}
  const sizes = shape?.dim?.map(({ dimValue }) => (dimValue && dimValue > 0 ? dimValue : undefined)) ?? []
  return { name, isFloat32: elemType === float32Code, shape: sizes }
}
