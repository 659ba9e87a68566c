// What the transformer runs with: its weights as they are, or in few bits from a file that is made on first use.
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { Tensor } from '@dreamgraph/onnx'
import { availableMemory, type TensorData } from '@dreamgraph/runtime'
import { fileDigests } from '@dreamgraph/store'
import {
  elementCount,
  isBlockDType,
  readTensor,
  type TensorSource,
  toFloat32,
  type WeightSet,
  type WeightView,
} from '@dreamgraph/weights'
import type { Model } from '../model.js'
import { type Adapters, type Parameters, parametersOf } from '../parameters.js'
import { copiedQ4, copiedQ8, type QuantizedBytes } from './copied-blocks.js'
import { quantizedFolder } from './kept-weights.js'
import type { QuantizedLayer } from './quantized-layer.js'
import { quantizedTensors } from './quantized-tensors.js'
import { defaultHome, type LayerForm, layerForm } from './schemes.js'
import { cachedWeights } from './weight-cache.js'

export interface RunningWeights {
  readonly parameters: Parameters
  /** See WeightPlacement of the runtime; undefined: as it sees fit. */
  readonly placement: 'mapped' | 'laid-out' | 'packed' | undefined
}

export interface PrepareOptions {
  readonly signal?: AbortSignal
  /** Told while layers are quantized, which happens once for each model, LoRA stack and scheme. */
  readonly onProgress?: (done: number, total: number, label: string) => void
}

/** The parts of a model that its quantized weights hang on. */
export type Quantizable = Pick<Model, 'adapters' | 'loraMode' | 'loras' | 'quantization' | 'sessions'> & {
  readonly transformer: Pick<Model['transformer'], 'weights' | 'files'>
}

/** Bump when the same settings give other bytes. */
const formatVersion = 2

/** A weight that changes, and the form it takes. */
interface Plan {
  readonly module: string
  readonly view: WeightView
  readonly form: LayerForm
}

// By what a model runs with; models that share it (other sessions, other texts) share the work too.
const prepared = new WeakMap<Adapters, Map<string, Promise<RunningWeights>>>()

/** What to build the transformer's graph with. Quantizes on first use; later calls map what is there. */
export async function runningWeights(model: Quantizable, options: PrepareOptions = {}): Promise<RunningWeights> {
  const { transformer, adapters, loraMode, quantization } = model
  const hasBlocks = [...transformer.weights.values()].some(({ dtype }) => isBlockDType(dtype))
  if (!quantization?.scheme && !hasBlocks) {
    // Fused LoRA is summed up once while loading; mapped weights would be summed up again at every step.
    const placement = loraMode === 'fused' ? 'packed' : undefined
    return { parameters: parametersOf(transformer.weights, { adapters, loraMode }), placement }
  }
  const key = await contentKey(model)
  const known = prepared.get(adapters) ?? new Map<string, Promise<RunningWeights>>()
  prepared.set(adapters, known)
  const running = known.get(key) ?? quantized(model, key, options)
  known.set(key, running)
  return running.catch((error) => {
    known.delete(key)
    throw error
  })
}

async function quantized(model: Quantizable, key: string, options: PrepareOptions): Promise<RunningWeights> {
  const { transformer, adapters, loraMode, quantization } = model
  const { scheme, home = defaultHome() } = quantization ?? {}
  const plans: Plan[] = []
  const plain: WeightView[] = []
  for (const [name, view] of transformer.weights) {
    const module = name.replace(/\.weight$/, '')
    const isFused = loraMode === 'fused' && adapters.has(module)
    const form = view.shape.length === 2 && module !== name ? layerForm(module, view, { scheme, isFused }) : undefined
    if (form) plans.push({ module, view, form })
    else if (isBlockDType(view.dtype)) plain.push(view)
  }
  const file = await cachedWeights({
    path: join(quantizedFolder(home), key),
    sources: () => [...sourcesOf(model, plans, options), ...plain.map(decoded)],
  })
  const layers = new Map<string, QuantizedLayer>()
  for (const { module, form } of plans) {
    layers.set(module, { form, values: file.get(`${module}.values`)!, scales: file.get(`${module}.scales`)! })
  }
  const weights: WeightSet = new Map([
    ...transformer.weights,
    ...plain.map(({ name }) => [name, file.get(name)!] as const),
  ])
  // What was fused is in the numbers; LoRA on layers that keep their precision stays beside them, or it would be summed up anew at every step.
  const beside = loraMode === 'fused' ? new Map([...adapters].filter(([module]) => !layers.has(module))) : adapters
  return { parameters: parametersOf(weights, { adapters: beside, layers }), placement: placementOf(layers) }
}

/** Most of what is free that a second copy of the weights, laid out for the processor, may take. */
const laidOutShare = 1 / 4

/**
 * Laid out, int8 runs a third faster and takes its memory twice, of which the file's pages can be dropped; it has to fit well.
 * Blocks have to be laid out to run in few bits at all.
 */
function placementOf(layers: ReadonlyMap<string, QuantizedLayer>): 'laid-out' | 'mapped' {
  let bytes = 0
  for (const { form, values } of layers.values()) {
    if (form.kind !== 'int8') return 'laid-out'
    bytes += elementCount(values.shape)
  }
  return bytes <= availableMemory() * laidOutShare ? 'laid-out' : 'mapped'
}

/** Values, then scales, of each layer; made when the first of the two is asked for. */
function sourcesOf(model: Quantizable, plans: readonly Plan[], { signal, onProgress }: PrepareOptions): TensorSource[] {
  return plans.flatMap(({ module, view, form }, i) => {
    const [height, width] = view.shape
    let scales: Float32Array | undefined
    const values = async (): Promise<Uint8Array> => {
      signal?.throwIfAborted()
      onProgress?.(i, plans.length, `quantizing ${module}`)
      const made = await quantizedBytes(model, { module, view, form })
      scales = made.scales
      return made.values
    }
    const [count, bytes] = form.kind === 'int8' ? [0, 0] : [width / form.block, (form.block * form.bits) / 8]
    const shapes =
      form.kind === 'int8'
        ? ([[width, height], [height]] as const)
        : ([
            [height, count, bytes],
            [height, count],
          ] as const)
    return [
      { name: `${module}.values`, dtype: form.kind === 'int8' ? 'I8' : 'U8', shape: shapes[0], data: values },
      { name: `${module}.scales`, dtype: 'F32', shape: shapes[1], data: async () => scales! },
    ] satisfies TensorSource[]
  })
}

const decoded = (view: WeightView): TensorSource => ({
  name: view.name,
  dtype: 'F32',
  shape: view.shape,
  data: () => toFloat32(view),
})

async function quantizedBytes(model: Quantizable, { module, view, form }: Plan): Promise<QuantizedBytes> {
  if (form.kind === 'blocks' && form.copied) {
    const bytes = await readTensor(view)
    return form.bits === 8 ? copiedQ8(bytes) : copiedQ4(bytes)
  }
  const { transformer, adapters, loraMode, sessions } = model
  const key = `${module}.weight`
  const fused = parametersOf(transformer.weights, { adapters, loraMode: 'fused', blocks: 'fed' })
  const plain = parametersOf(transformer.weights, { blocks: 'fed' })
  const w: Tensor = (loraMode === 'fused' ? fused : plain).weight(key, view.shape)
  const feeds: Record<string, TensorData> = {}
  if (isBlockDType(view.dtype)) feeds[key] = { dtype: 'float32', shape: view.shape, data: await toFloat32(view) }
  const { values, scales } = await sessions.once(`quantize ${module}`, { ...quantizedTensors(w, form) }, feeds)
  const { buffer, byteOffset } = values.data
  return {
    values: new Uint8Array(buffer as ArrayBuffer, byteOffset, elementCount(values.shape)),
    scales: scales.data as Float32Array,
  }
}

/** Everything that the quantized bytes hang on. */
async function contentKey({ transformer, loras, loraMode, quantization }: Quantizable): Promise<string> {
  const { scheme = 'as stored', home = defaultHome() } = quantization ?? {}
  const digests = fileDigests({ dir: join(home, 'digests') })
  const base = await Promise.all(transformer.files.map((file) => digests.digest(file)))
  const fused =
    loraMode === 'fused'
      ? await Promise.all(loras.map(async ({ path, weight }) => [await digests.digest(path), weight]))
      : []
  return createHash('sha256')
    .update(JSON.stringify([formatVersion, scheme, base, fused]))
    .digest('hex')
}
