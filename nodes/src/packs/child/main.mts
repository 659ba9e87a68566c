// The process of a node pack: loads it and runs its nodes, one at a time. Never imported, only started, by pack-child.ts.
import { Socket } from 'node:net'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { JsonValue } from '@dreamgraph/graph'
import { encodeFrame, frameReader } from './frames.mjs'
import { lockDown } from './lock-down.mjs'
import type { Order, Reply } from './messages.mjs'
import { decodeValue, encodeValue, joinValues, splitValues } from './values.mjs'

/** As a pack writes it. We have checked none of it when the first run comes: our parent has. */
interface Declaration {
  readonly type: string
  readonly inputs?: Readonly<Record<string, SocketDeclaration>>
  readonly params?: Readonly<Record<string, { readonly kind: string }>>
  readonly outputs: Readonly<Record<string, SocketDeclaration>>
  run(args: {
    readonly inputs: Readonly<Record<string, unknown>>
    readonly params: Readonly<Record<string, unknown>>
    readonly signal: AbortSignal
    readonly progress: (done: number, total: number, label?: string) => void
  }): unknown
}

interface SocketDeclaration {
  readonly type: string
  readonly many?: boolean
  readonly list?: boolean
}

type RunOrder = Extract<Order, { op: 'run' }>

/** Least time between two reports of progress. */
const progressMs = 50

const [, , entry, maxMessageBytes] = process.argv
const channel = new Socket({ fd: 3, readable: true, writable: true })
const { exit } = process
let nodes: readonly Declaration[] = []
let running: AbortController | undefined

// Our parent holds the other end: it is gone.
channel.on('end', () => exit()).on('error', () => exit())
try {
  if (isFree()) throw new Error(`Node ${process.version} did not take away this process's permissions`)
  lockDown(channel)
  nodes = (await import(entry!)).default
  channel.on(
    'data',
    frameReader(Number(maxMessageBytes), ({ message, blobs }) => obey(message as Order, blobs)),
  )
  send({ op: 'ready', nodes: describe(nodes) })
} catch (error) {
  send({ op: 'refused', message: messageOf(error) })
}

/** Whether this process may do more than read its two folders: then nothing of a pack may run in it. */
function isFree(): boolean {
  const { permission } = process as typeof process & { permission?: { has(scope: string, at?: string): boolean } }
  if (!permission || ['fs.write', 'child', 'worker'].some((scope) => permission.has(scope))) return true
  // Node 20 opens the folder that two paths have in common when it is given three.
  const own = [process.cwd(), dirname(fileURLToPath(import.meta.url))]
  return own.flatMap(foldersAbove).some((folder) => permission.has('fs.read', folder))
}

function foldersAbove(folder: string): string[] {
  const above = dirname(folder)
  return above === folder ? [] : [above, ...foldersAbove(above)]
}

function obey(order: Order, blobs: readonly Uint8Array[]): void {
  if (order.op === 'abort') running?.abort()
  else void run(order, blobs)
}

async function run(order: RunOrder, blobs: readonly Uint8Array[]): Promise<void> {
  running = new AbortController()
  const { signal } = running
  try {
    const node = nodes.find(({ type }) => type === order.node)!
    const returned = await node.run({
      inputs: readInputs(node, order, blobs),
      params: readParams(node, order),
      signal,
      progress: reporter(signal),
    })
    const outputs = writeOutputs(node, returned as Readonly<Record<string, unknown>> | undefined)
    send({ op: 'result', outputs: outputs.values }, outputs.blobs)
  } catch (error) {
    send({ op: 'failed', message: messageOf(error) })
  } finally {
    running = undefined
  }
}

function readInputs({ inputs = {} }: Declaration, order: RunOrder, blobs: readonly Uint8Array[]) {
  const given = splitValues(order.inputs, blobs)
  return Object.fromEntries(
    Object.entries(inputs).map(([name, { type, many, list }]) => {
      const values = given.get(name)?.map((encoded) => decodeValue(type, encoded))
      return [name, many || list ? values : values?.[0]]
    }),
  )
}

/** A param is called by the name of its socket type, but for choices, which are texts. */
function readParams({ params = {} }: Declaration, order: RunOrder) {
  return Object.fromEntries(
    Object.entries(order.params).map(([name, json]) => [name, decodeValue(params[name]!.kind, { json, blobs: [] })]),
  )
}

function writeOutputs({ outputs }: Declaration, returned: Readonly<Record<string, unknown>> | undefined) {
  const sockets = Object.entries(outputs).map(([name, { type, list }]) => {
    const value = returned?.[name]
    if (value === undefined) throw new Error(`returned no output "${name}"`)
    if (list && !Array.isArray(value)) throw new Error(`output "${name}": expected an array of ${type}`)
    return [name, (list ? (value as unknown[]) : [value]).map((item) => encode(name, type, item))] as const
  })
  return joinValues(sockets)
}

function encode(name: string, type: string, value: unknown) {
  try {
    const encoded = encodeValue(type, value)
    // A function has no JSON.
    if (JSON.stringify(encoded.json) !== undefined && encoded.blobs.every((blob) => ArrayBuffer.isView(blob)))
      return encoded
  } catch {
    // Something that the type has is missing in it.
  }
  throw new Error(`output "${name}": expected a value of type ${type}`)
}

function reporter(signal: AbortSignal): (done: number, total: number, label?: string) => void {
  let next = 0
  return (done, total, label) => {
    const now = performance.now()
    if (running?.signal !== signal || (now < next && done !== total)) return // also one that a former run left behind
    next = now + progressMs
    send({
      op: 'progress',
      done: Number(done),
      total: Number(total),
      ...(label !== undefined && { label: `${label}` }),
    })
  }
}

/** The declarations as JSON: functions by the name of their type, seeds as decimal text. */
function describe(declared: unknown): JsonValue {
  const text = JSON.stringify(declared, (_, value) => {
    if (typeof value === 'bigint') return `${value}`
    return typeof value === 'function' ? 'function' : value
  })
  return text === undefined ? null : JSON.parse(text)
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

function send(reply: Reply, blobs: readonly Uint8Array[] = []): void {
  for (const chunk of encodeFrame(reply, blobs, Number(maxMessageBytes))) channel.write(chunk)
}
