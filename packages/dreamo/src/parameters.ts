// Where model code gets its weights from. A model asks by checkpoint key and shape and does not know files, layouts or LoRA.
import {
  add,
  type attention,
  cast,
  constant,
  type DType,
  input,
  linear,
  matmul,
  mul,
  type Shape,
  type Tensor,
  weight,
} from '@dreamgraph/onnx'
import { isBlockDType, type WeightSet, type WeightView } from '@dreamgraph/weights'
import { DreamoError } from './errors.js'
import {
  type Product,
  type QuantizedLayers,
  quantizedAttention,
  quantizedProducts,
} from './quantize/quantized-layer.js'

/** A low-rank branch beside a linear layer: y += scale·(x·downᵀ)·upᵀ. */
export interface Adapter {
  readonly name: string
  /** [rank, in] */
  readonly down: WeightView
  /** [out, rank] */
  readonly up: WeightView
  readonly scale: number
}

/** Branches by the module they belong to, such as `transformer_blocks.0.attn.to_q`. */
export type Adapters = ReadonlyMap<string, readonly Adapter[]>

interface Branch {
  readonly down: Tensor
  readonly up: Tensor
  readonly scale: number
}

export interface Parameters {
  /** Where these lie in the checkpoint, as a prefix without its last dot; absent: at its root. */
  readonly scope?: string
  /** The float32 tensor under a checkpoint key. */
  weight(key: string, shape: Shape): Tensor
  /** The branches of a linear layer, as tensors. */
  branches(module: string): readonly Branch[]
  /** The product with a linear layer's weight, where that is kept in few bits; it has no float32 tensor then. */
  product?(module: string): Product | undefined
  /** How heads attend; absent: in float32. */
  readonly attention?: typeof attention
}

export interface ParameterShape {
  readonly name: string
  readonly shape: Shape
}

export interface ParameterOptions {
  readonly adapters?: Adapters
  readonly loraMode?: 'branches' | 'fused'
  /** Linear layers that are kept in few bits, by module. */
  readonly layers?: QuantizedLayers
  /** Blocks of GGUF are no type of ONNX. Fed: such a weight is an input under its key, for who quantizes it. */
  readonly blocks?: 'refused' | 'fed'
}

/**
 * Parameters that lie in files. Other storage types are cast to float32 inside the graph.
 * Fused LoRA adds scale·up·down to a weight inside the graph, where it hangs on weights alone: onnxruntime computes it
 * once while loading and keeps the sum. Throws dreamo/blocks-unsupported when a weight in blocks is asked for.
 */
export function parametersOf(
  set: WeightSet,
  { adapters = new Map(), loraMode = 'branches', layers = new Map(), blocks = 'refused' }: ParameterOptions = {},
): Parameters {
  const product = quantizedProducts(layers)
  // One tensor a key: a model may ask twice, and a graph knows each weight once.
  const tensors = new Map<string, Tensor>()
  const tensorOf = (key: string, view: WeightView): Tensor => {
    const tensor = tensors.get(key) ?? floatTensor(key, view, blocks)
    tensors.set(key, tensor)
    return tensor
  }
  const branches = (module: string): Branch[] =>
    (adapters.get(module) ?? []).map(({ name, down, up, scale }) => ({
      down: tensorOf(`${name}/${module}.down`, down),
      up: tensorOf(`${name}/${module}.up`, up),
      scale,
    }))
  return {
    weight(key, shape) {
      const view = set.get(key)
      // The match report runs before any graph is built, so a miss here is ours.
      if (!view) throw new Error(`internal: ${key}: expected a matched weight, got none`)
      if (view.shape.join() !== shape.join()) {
        throw new Error(`internal: ${key}: expected [${shape}], got [${view.shape}]`)
      }
      const base = tensorOf(key, view)
      if (loraMode === 'branches' || !key.endsWith('.weight')) return base
      return branches(key.slice(0, -'.weight'.length)).reduce((sum, { down, up, scale }) => {
        const delta = matmul(up, down) // [out, rank] × [rank, in]
        return add(sum, scale === 1 ? delta : mul(delta, constant(scale)))
      }, base)
    },
    branches: (module) => (loraMode === 'branches' ? branches(module) : []),
    product,
    attention: quantizedAttention(layers),
  }
}

/** Lists what a model asks for, by building it once without weights: the expected side of a match report. */
export function declaredParameters(build: (parameters: Parameters) => void): ParameterShape[] {
  const declared = new Map<string, ParameterShape>()
  build({
    weight(name, shape) {
      declared.set(name, { name, shape })
      return input(name, shape)
    },
    branches: () => [],
  })
  return [...declared.values()]
}

/** The same parameters under a prefix: `within(p, 'attn').weight('to_q.weight', …)`. */
export const within = (parameters: Parameters, prefix: string): Parameters => ({
  scope: parameters.scope ? `${parameters.scope}.${prefix}` : prefix,
  weight: (key, shape) => parameters.weight(`${prefix}.${key}`, shape),
  branches: (module) => parameters.branches(`${prefix}.${module}`),
  product: (module) => parameters.product?.(`${prefix}.${module}`),
  attention: parameters.attention,
})

/** A linear layer with its LoRA branches: x [.., in] → [.., out]. Keys `module.weight` [out, in] and `module.bias` [out]. */
export function linearLayer(
  parameters: Parameters,
  module: string,
  x: Tensor,
  out: number,
  { bias = true }: { bias?: boolean } = {},
): Tensor {
  const width = x.shape[x.shape.length - 1]
  const product = parameters.product?.(module)
  const w = product ? undefined : parameters.weight(`${module}.weight`, [out, width])
  const b = bias ? parameters.weight(`${module}.bias`, [out]) : undefined
  return parameters.branches(module).reduce(
    (y, { down, up, scale }) => {
      const low = linear(x, down)
      return add(y, linear(scale === 1 ? low : mul(low, constant(scale)), up))
    },
    product ? withBias(product(x), b) : linear(x, w!, b),
  )
}

const withBias = (y: Tensor, b: Tensor | undefined): Tensor => (b ? add(y, b) : y)

const storage: Record<string, DType> = {
  F32: 'float32',
  F16: 'float16',
  BF16: 'bfloat16',
  F64: 'float64',
  F8_E4M3: 'float8e4m3fn',
  F8_E5M2: 'float8e5m2',
}

function floatTensor(key: string, view: WeightView, blocks: 'refused' | 'fed'): Tensor {
  if (isBlockDType(view.dtype)) {
    if (blocks === 'fed') return input(key, view.shape)
    const where = `${view.parts[0]?.file}: ${key}`
    throw new DreamoError('dreamo/blocks-unsupported', `${where}: expected plain numbers to work on, got ${view.dtype}`)
  }
  const dtype = storage[view.dtype]
  if (!dtype) throw new Error(`internal: ${key}: expected a float storage type, got ${view.dtype}`)
  const value = cast(weight(key, dtype, view.shape, view.parts), 'float32')
  return view.scale === undefined ? value : mul(value, constant(view.scale))
}
