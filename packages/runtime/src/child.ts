/** The child process: owns onnxruntime and answers one request after the other. Never imported, only forked. */

import { readFileSync } from 'node:fs'
import { parse } from 'node:path'
import { Worker } from 'node:worker_threads'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import type { ChildMemory, Envelope, LoadSettings, Op, Reply, Request, Results } from './messages.js'
import { type DType, type TensorArray, type TensorData, type TensorSpec, tensorArrays } from './tensor.js'

type RunRequest = Extract<Request, { op: 'run' }>
type Values = Map<string, Tensor>

const loaded = new Map<number, InferenceSession>()
/** What stays between runs. Apart from the sessions: several may share one, and it outlives those that make room. */
const states = new Map<number, Values>()

async function answer(request: Request): Promise<Results[Op]> {
  switch (request.op) {
    case 'load':
      return load(request.key, request.model, request.settings)
    case 'bind':
      for (const [name, data] of Object.entries(request.feeds)) stateOf(request.state).set(name, toTensor(data))
      return null
    case 'run':
      return run(request)
    case 'read':
      return read(stateOf(request.state), request.names)
    case 'drop':
      states.delete(request.state)
      return null
    case 'release':
      await get(request.key).release()
      loaded.delete(request.key)
      return null
  }
}

async function load(key: number, model: Uint8Array, settings: LoadSettings): Promise<Results['load']> {
  const session = await InferenceSession.create(model, sessionOptions(settings))
  loaded.set(key, session)
  return { inputs: session.inputMetadata.map(toSpec), outputs: session.outputMetadata.map(toSpec) }
}

async function run({ key, feeds, outputs, state, carry }: RunRequest): Promise<Results['run']> {
  const session = get(key)
  const values = stateOf(state)
  const all: Record<string, Tensor> = {}
  for (const name of session.inputNames) {
    const value = feeds[name] ? toTensor(feeds[name]) : values.get(name)
    if (value) all[name] = value
  }
  const results = await session.run(all, [...new Set([...outputs, ...Object.keys(carry)])])
  // Only now: a run that fails leaves the state as it was.
  for (const [output, input] of Object.entries(carry)) values.set(input, results[output] as Tensor)
  return Object.fromEntries(outputs.map((name) => [name, fromTensor(results[name] as Tensor)]))
}

function read(values: Values, names: readonly string[]): Results['read'] {
  return Object.fromEntries(names.map((name) => [name, fromTensor(values.get(name) as Tensor)]))
}

function stateOf(key: number): Values {
  const values = states.get(key) ?? new Map()
  states.set(key, values)
  return values
}

/**
 * Both would store a second, float32 copy of 16-bit weights while loading: the first by folding Cast(weight), the second
 * by replacing a float16 initializer and its Cast with a float32 initializer.
 */
const copyingOptimizers = ['ConstantFolding', 'FuseFp16InitializerToFp32NodeTransformer']

/** It fuses float64 as well, which its kernel does not take. */
const faultyOptimizers = ['QuickGeluFusion']

function sessionOptions({
  device,
  threads,
  weights,
  keepMemory,
  verbose,
}: LoadSettings): InferenceSession.SessionOptions {
  return {
    executionProviders: device === 'cpu' ? ['cpu'] : [device, 'cpu'],
    intraOpNumThreads: threads,
    executionMode: 'sequential',
    // Without it each op's output is fresh pages from the system: on some machines that doubles the time of a run.
    enableCpuMemArena: keepMemory,
    // With the arena it keeps up to twice as much, and no run was faster for it.
    enableMemPattern: false,
    graphOptimizationLevel: 'all',
    logSeverityLevel: verbose ? 0 : 2,
    extra: {
      session: {
        // Weights are named by paths relative to the root, so that one model may point into many folders.
        model_external_initializers_file_folder_path: parse(process.cwd()).root,
        // Without pre-packing, an initializer is a view of the mapped file: nothing is read before it is used.
        disable_prepacking: weights === 'mapped' ? '1' : '0',
        use_deterministic_compute: '1',
        // Each session has threads of its own, which wait for the next op by spinning: without it, on into the next session's run.
        force_spinning_stop: '1',
      },
      optimization: {
        disable_specified_optimizers: [...faultyOptimizers, ...(weights === 'packed' ? [] : copyingOptimizers)].join(
          ';',
        ),
      },
    },
  }
}

function get(key: number): InferenceSession {
  const session = loaded.get(key)
  if (!session) throw new Error(`internal: session ${key} is not loaded in the child`)
  return session
}

function toTensor({ dtype, shape, data }: TensorData): Tensor {
  return new Tensor(dtype, data, shape)
}

function fromTensor(tensor: Tensor): TensorData {
  const dtype = tensor.type as DType
  const { buffer, byteOffset, length } = tensor.data as TensorArray
  // A Node that has Float16Array answers with one; the border speaks raw bits everywhere.
  const data = new tensorArrays[dtype](buffer as ArrayBuffer, byteOffset, length)
  return { dtype, shape: tensor.dims, data }
}

function toSpec(meta: InferenceSession.ValueMetadata): TensorSpec {
  return meta.isTensor
    ? { name: meta.name, dtype: meta.type, shape: meta.shape }
    : { name: meta.name, dtype: 'not a tensor', shape: [] }
}

/** Linux hands a parent's peak on in getrusage; the kernel's own mark starts anew with the program. */
function peakRssBytes(): number {
  try {
    const mark = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))
    if (mark) return Number(mark[1]) * 1024
  } catch {
    // Not Linux.
  }
  return process.resourceUsage().maxRSS * 1024
}

/** How old what is told of memory may be. Looking takes a twentieth of a millisecond, and small models are asked every few. */
const memoryAgeMs = 20
let memory: ChildMemory = { rssBytes: 0, peakRssBytes: 0 }
let memoryAt = Number.NEGATIVE_INFINITY

function memoryNow(): ChildMemory {
  const now = performance.now()
  if (now - memoryAt < memoryAgeMs) return memory
  memoryAt = now
  memory = { rssBytes: process.memoryUsage.rss(), peakRssBytes: peakRssBytes() }
  return memory
}

async function reply(envelope: Envelope): Promise<void> {
  const result = await answer(envelope).then(
    (value) => ({ value }),
    (error: unknown) => ({ error: error instanceof Error ? error.message : String(error) }),
  )
  process.send?.({ id: envelope.id, memory: memoryNow(), ...result } satisfies Reply)
}

process.on('message', (envelope: Envelope) => void reply(envelope))
process.on('disconnect', () => process.exit(0))
// Ctrl-C reaches the whole process group; the parent decides what it means.
process.on('SIGINT', () => {})
// A long op blocks this thread, so a thread of its own notices when the parent was killed.
new Worker(new URL('./parent-watch.js', import.meta.url), { workerData: process.ppid }).unref()
