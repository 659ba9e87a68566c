// What the transformer runs with: its weights as they are, or in fewer bits from a file that is made on first use.
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
import { DreamoError } from '../errors.js'
import type { Model } from '../model.js'
import { type Adapters, type Parameters, parametersOf } from '../parameters.js'
import { type CopiedBlocks, copiedQ4, copiedQ8 } from './copied-blocks.js'
import { quantizedFolder } from './kept-weights.js'
import type { QuantizedLayer } from './quantized-layer.js'
import { quantizedTensors } from './quantized-tensors.js'
import { defaultHome, type LayerForm, layerForm, type PrepareOptions } from './schemes.js'
import { cachedWeights } from './weight-cache.js'
import { inKnownTypes, isForeign } from './without-bfloat16.js'

export interface RunningWeights {
  readonly parameters: Parameters
  /** See WeightPlacement of the runtime; undefined: as it sees fit. */
  readonly placement: 'mapped' | 'laid-out' | 'packed' | undefined
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

/**
 * What to build the transformer's graph with. Quantizes on first use; later calls map what is there.
 * Throws dreamo/float16-missing where a device shall run fp16 that cannot.
 */
export async function runningWeights(model: Quantizable, options: PrepareOptions = {}): Promise<RunningWeights> {
  const { transformer, adapters, loraMode, quantization } = model
  const hasBlocks = [...transformer.weights.values()].some(({ dtype }) => isBlockDType(dtype))
  if (!quantization?.scheme && !hasBlocks && foreignOf(model).length === 0) {
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
  const { transformer, adapters, loraMode, quantization, sessions } = model
  const { scheme, home = defaultHome() } = quantization ?? {}
  if (scheme === 'fp16' && !(await sessions.hasHalves())) {
    const rule = 'a device that computes in float16 for fp16'
    throw new DreamoError('dreamo/float16-missing', `quantize: expected ${rule}, got ${sessions.device} without it`)
  }
  const plans: Plan[] = []
  const plain: WeightView[] = []
  for (const [name, view] of transformer.weights) {
    const module = name.replace(/\.weight$/, '')
    const isFused = loraMode === 'fused' && adapters.has(module)
    const form = view.shape.length === 2 && module !== name ? layerForm(module, view, { scheme, isFused }) : undefined
    if (form) plans.push({ module, view, form })
    else if (isBlockDType(view.dtype)) plain.push(view)
  }
  // What was fused is in the numbers; LoRA on layers that keep their precision stays beside them, or it would be summed up anew at every step.
  const fused = new Set(loraMode === 'fused' ? plans.map(({ module }) => module) : [])
  const beside = new Map([...adapters].filter(([module]) => !fused.has(module)))
  const planned = new Set(plans.map(({ view }) => view))
  const foreign = foreignOf({ transformer, adapters: beside, sessions }).filter((view) => !planned.has(view))
  const others = [...plain.map(decoded), ...(await inKnownTypes(foreign, sessions, options))]
  const file = await cachedWeights({
    path: join(quantizedFolder(home), key),
    sources: () => [...sourcesOf(model, plans, options), ...others],
  })
  const layers = new Map<string, QuantizedLayer>()
  for (const { module, form } of plans) {
    layers.set(module, { form, values: file.get(`${module}.values`)!, scales: file.get(`${module}.scales`) })
  }
  const weights: WeightSet = new Map([
    ...transformer.weights,
    ...others.map(({ name }) => [name, file.get(name)!] as const),
  ])
  const own = adaptersWith(beside, (view) => file.get(view.name) ?? view)
  return { parameters: parametersOf(weights, { adapters: own, layers }), placement: placementOf(layers) }
}

/** Weights and LoRA that the device has no type for, each under a name of its own. */
function foreignOf({ transformer, adapters, sessions }: Pick<Quantizable, 'transformer' | 'adapters' | 'sessions'>) {
  const views = [...transformer.weights.values()]
  adaptersWith(adapters, (view) => {
    views.push(view)
    return view
  })
  return views.filter((view) => isForeign(sessions, view))
}

/** Adapters with other matrices, which are asked for by views that are named as the graph names them. */
function adaptersWith(adapters: Adapters, matrix: (view: WeightView) => WeightView): Adapters {
  return new Map(
    [...adapters].map(([module, branches]) => [
      module,
      branches.map((branch) => ({
        ...branch,
        down: matrix({ ...branch.down, name: `${branch.name}/${module}.down` }),
        up: matrix({ ...branch.up, name: `${branch.name}/${module}.up` }),
      })),
    ]),
  )
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
    if (form.kind === 'half') return 'mapped' // GPUs take them over as they are
    if (form.kind !== 'int8') return 'laid-out'
    bytes += elementCount(values.shape)
  }
  return bytes <= availableMemory() * laidOutShare ? 'laid-out' : 'mapped'
}

/** Values, then scales if there are any, of each layer; made when the first of the two is asked for. */
function sourcesOf(model: Quantizable, plans: readonly Plan[], { signal, onProgress }: PrepareOptions): TensorSource[] {
  return plans.flatMap((plan, i) => {
    const { module } = plan
    let scales: Float32Array | undefined
    const values = async (): Promise<Uint8Array> => {
      signal?.throwIfAborted()
      onProgress?.(i, plans.length, `quantizing ${module}`)
      const made = await quantizedBytes(model, plan)
      scales = made.scales
      return made.values
    }
    const stored = layoutOf(plan)
    return [
      { name: `${module}.values`, ...stored.values, data: values },
      ...(stored.scales
        ? [{ name: `${module}.scales`, dtype: 'F32', shape: stored.scales, data: async () => scales! } as const]
        : []),
    ]
  })
}

interface Layout {
  readonly values: Pick<TensorSource, 'dtype' | 'shape'>
  /** Their shape. */
  readonly scales?: readonly number[]
}

/** How a form's tensors lie in the file, see quantizedTensors. */
function layoutOf({ form, view: { shape } }: Plan): Layout {
  const [height, width] = shape
  if (form.kind === 'half') return { values: { dtype: 'F16', shape } }
  if (form.kind === 'int8') return { values: { dtype: 'I8', shape: [width, height] }, scales: [height] }
  const count = width / form.block
  return { values: { dtype: 'U8', shape: [height, count, (form.block * form.bits) / 8] }, scales: [height, count] }
}

const decoded = (view: WeightView): TensorSource => ({
  name: view.name,
  dtype: 'F32',
  shape: view.shape,
  data: () => toFloat32(view),
})

/** What a layer's tensors hold; float16 has no scales. */
type QuantizedBytes = Pick<CopiedBlocks, 'values'> & Partial<CopiedBlocks>

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
  const { buffer, byteOffset, byteLength } = values.data
  return {
    values: new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength),
    ...(scales && { scales: scales.data as Float32Array }),
  }
}

/** Everything that the bytes of the file hang on. */
async function contentKey(model: Quantizable): Promise<string> {
  const { transformer, loras, loraMode, quantization, sessions } = model
  const { scheme = 'as stored', home = defaultHome() } = quantization ?? {}
  const digests = fileDigests({ dir: join(home, 'digests') })
  const base = await Promise.all(transformer.files.map((file) => digests.digest(file)))
  const fused =
    loraMode === 'fused'
      ? await Promise.all(
          loras.map(async ({ path, weight, configFile }) => {
            const scales = configFile ? [await digests.digest(configFile)] : []
            return [await digests.digest(path), weight, ...scales]
          }),
        )
      : []
  const parts: unknown[] = [formatVersion, scheme, base, fused]
  if (foreignOf(model).length > 0) {
    parts.push(await sessions.hasHalves(), await Promise.all(loras.map(({ path }) => digests.digest(path))))
  }
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex')
}
