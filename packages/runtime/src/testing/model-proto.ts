/** Tiny ONNX models for the tests, written straight as protobuf so that they may also be wrong on purpose. */

import protobuf from 'protobufjs'

/** TensorProto.DataType of onnx.proto. */
export const onnxType = {
  float32: 1,
  uint8: 2,
  int8: 3,
  int32: 6,
  int64: 7,
  bool: 9,
  float16: 10,
  bfloat16: 16,
  float8e4m3fn: 17,
}

type OnnxType = keyof typeof onnxType
type Dim = number | string

export interface TestValue {
  readonly name: string
  readonly type: OnnxType
  readonly shape: readonly Dim[]
}

export interface TestInitializer {
  readonly name: string
  readonly type: OnnxType
  readonly shape: readonly number[]
  /** Bytes in the model, or a place in a file: path relative to the root, offset and length in bytes. */
  readonly data: Uint8Array | { readonly location: string; readonly offset: number; readonly length: number }
}

export interface TestNode {
  readonly op: string
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  readonly domain?: string
  readonly attributes?: Readonly<Record<string, number | readonly number[]>>
}

export interface TestGraph {
  readonly inputs: readonly TestValue[]
  readonly outputs: readonly TestValue[]
  readonly nodes: readonly TestNode[]
  readonly initializers?: readonly TestInitializer[]
}

const opset = 21
const irVersion = 10

const { root } = protobuf.parse(`
  syntax = "proto2";
  message Attribute { optional string name = 1; optional float f = 2; optional int64 i = 3; repeated int64 ints = 8; optional int32 type = 20; }
  message Node { repeated string input = 1; repeated string output = 2; optional string name = 3; optional string opType = 4;
    repeated Attribute attribute = 5; optional string domain = 7; }
  message Entry { optional string key = 1; optional string value = 2; }
  message Tensor { repeated int64 dims = 1; optional int32 dataType = 2; optional string name = 8; optional bytes rawData = 9;
    repeated Entry externalData = 13; optional int32 dataLocation = 14; }
  message Dim { optional int64 dimValue = 1; optional string dimParam = 2; }
  message Shape { repeated Dim dim = 1; }
  message TensorType { optional int32 elemType = 1; optional Shape shape = 2; }
  message Type { optional TensorType tensorType = 1; }
  message ValueInfo { optional string name = 1; optional Type type = 2; }
  message Graph { repeated Node node = 1; optional string name = 2; repeated Tensor initializer = 5; repeated ValueInfo input = 11;
    repeated ValueInfo output = 12; }
  message Opset { optional string domain = 1; optional int64 version = 2; }
  message Model { optional int64 irVersion = 1; optional Graph graph = 7; repeated Opset opsetImport = 8; }
`)

/** Serializes the graph as ModelProto. */
export function modelBytes(graph: TestGraph): Uint8Array {
  const Model = root.lookupType('Model')
  return Model.encode(
    Model.create({
      irVersion,
      opsetImport: [
        { domain: '', version: opset },
        { domain: 'com.microsoft', version: 1 },
      ],
      graph: {
        name: 'test',
        input: graph.inputs.map(valueInfo),
        output: graph.outputs.map(valueInfo),
        initializer: (graph.initializers ?? []).map(initializer),
        node: graph.nodes.map((node, index) => ({
          name: `${node.op}_${index}`,
          input: node.inputs,
          output: node.outputs,
          opType: node.op,
          domain: node.domain ?? '',
          attribute: Object.entries(node.attributes ?? {}).map(attribute),
        })),
      },
    }),
  ).finish()
}

function valueInfo({ name, type, shape }: TestValue): object {
  const dim = shape.map((size) => (typeof size === 'number' ? { dimValue: size } : { dimParam: size }))
  return { name, type: { tensorType: { elemType: onnxType[type], shape: { dim } } } }
}

function initializer({ name, type, shape, data }: TestInitializer): object {
  const tensor = { name, dataType: onnxType[type], dims: shape }
  if (data instanceof Uint8Array) return { ...tensor, rawData: data }
  const externalData = Object.entries(data).map(([key, value]) => ({ key, value: String(value) }))
  return { ...tensor, externalData, dataLocation: 1 }
}

/** AttributeProto.AttributeType: 1 FLOAT, 2 INT, 7 INTS. */
function attribute([name, value]: [string, number | readonly number[]]): object {
  if (typeof value !== 'number') return { name, ints: value, type: 7 }
  return Number.isInteger(value) ? { name, i: value, type: 2 } : { name, f: value, type: 1 }
}
