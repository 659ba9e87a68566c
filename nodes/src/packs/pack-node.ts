// A declared node of a pack as a node like any other: what it is given is encoded, what it returns is checked.
import { type Node, type Params, type Port, type Ports, port, showValue } from '@dreamgraph/graph'
import { NodesError } from '../errors.js'
import { defineNode, type Services } from '../services.js'
import type { EncodedValue } from './child/encodings.mjs'
import { joinValues, splitValues } from './child/values.mjs'
import { crossings } from './crossing.js'
import type { NodeDeclaration } from './declaration.js'
import type { PackFolder } from './pack-folder.js'
import type { PackProcess } from './pack-process.js'

type Socket = NodeDeclaration['inputs'][string]

/** The node, with the pack's digest in its fingerprint: another file in the pack's folder, and its results are made anew. */
export function packNode(declared: NodeDeclaration, pack: PackFolder, host: PackProcess): Node<Services> {
  const { run: _, inputs, params, outputs, ...texts } = declared
  return defineNode<Ports, Params, Ports>({
    ...texts,
    inputs: mapValues(inputs, makePort),
    params,
    outputs: mapValues(outputs, makePort),
    fingerprint: () => pack.digest,
    async run({ inputs: given, params: values, ctx }) {
      const sockets = Object.entries(inputs).flatMap(([name, socket]) => {
        return given[name] === undefined ? [] : [[name, encodeInput(socket, given[name])] as const]
      })
      const { values: sent, blobs } = joinValues(sockets)
      const json = Object.entries(params).map(([name, param]) => [name, param.toJson(values[name])])
      const answer = await host.run({ node: declared.type, inputs: sent, params: Object.fromEntries(json), blobs }, ctx)
      const returned = read(() => splitValues(answer.outputs, answer.blobs), declared, pack)
      const entries = Object.entries(outputs).map(async ([name, socket]) => {
        return [
          name,
          await decodeOutput(socket, returned.get(name), `pack ${pack.name}, ${declared.type}, output ${name}`),
        ]
      })
      return Object.fromEntries(await Promise.all(entries))
    },
  })
}

function makePort({ type, ...options }: Socket): Port<unknown> {
  return port(crossings.get(type)!.type)(options) as Port<unknown>
}

function encodeInput({ type, list, many }: Socket, value: unknown): EncodedValue[] {
  const { encode } = crossings.get(type)!.type
  return (list || many ? (value as unknown[]) : [value]).map((item) => encode!(item))
}

async function decodeOutput({ type, list }: Socket, encoded: readonly EncodedValue[] = [], where: string) {
  const { type: socketType, rule, fits } = crossings.get(type)!
  if (!list && encoded.length !== 1) failed(`${where}: expected one value, got ${encoded.length}`)
  const values = encoded.map((item, index) => {
    if (!fits(item)) failed(`${where}${list ? ` item ${index}` : ''}: expected ${rule}, got ${describe(item)}`)
    return socketType.decode!(item)
  })
  return list ? Promise.all(values) : values[0]
}

function read<T>(action: () => T, { type }: NodeDeclaration, { name }: PackFolder): T {
  try {
    return action()
  } catch (error) {
    return failed(`pack ${name}, ${type}: ${(error as Error).message}`)
  }
}

const describe = ({ json, blobs }: EncodedValue): string =>
  [showValue(json), ...blobs.map((blob) => `${blob.byteLength} bytes`)].join(', ')

function failed(message: string): never {
  throw new NodesError('nodes/pack-failed', message)
}

const mapValues = <V, W>(record: Readonly<Record<string, V>>, change: (value: V) => W): Record<string, W> =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value)]))
