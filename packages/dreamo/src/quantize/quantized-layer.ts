// A quantized linear layer as a model's graph sees it.
import {
  blockProduct,
  cast,
  type DType,
  integerProduct,
  type QuantizedRows,
  quantizeRows,
  type Tensor,
  weight,
} from '@dreamgraph/onnx'
import type { WeightView } from '@dreamgraph/weights'
import { halfAttention, halfProduct } from './half-precision.js'
import type { LayerForm } from './schemes.js'

export interface QuantizedLayer {
  readonly form: LayerForm
  readonly values: WeightView
  /** Absent where values are numbers as they are. */
  readonly scales?: WeightView
}

/** Layers by module. */
export type QuantizedLayers = ReadonlyMap<string, QuantizedLayer>

/** x [.., in] → [.., out], without bias. */
export type Product = (x: Tensor) => Tensor

/** What a product reads: made once of each tensor, for q, k and v read the same. */
interface Readings {
  readonly rows: (x: Tensor) => QuantizedRows
  readonly halves: (x: Tensor) => Tensor
}

/** Makes the products of these layers. */
export function quantizedProducts(layers: QuantizedLayers): (module: string) => Product | undefined {
  const readings = { rows: once(quantizeRows), halves: once((x) => cast(x, 'float16')) }
  // One product a module: a model may ask twice, and a graph knows each weight once.
  const products = new Map<string, Product>()
  return (module) => {
    const layer = layers.get(module)
    if (!layer) return undefined
    const product = products.get(module) ?? productOf(layer, readings)
    products.set(module, product)
    return product
  }
}

/** How heads attend between such layers; undefined: as they do without. */
export function quantizedAttention(layers: QuantizedLayers): typeof halfAttention | undefined {
  const [first] = layers.values()
  return first?.form.kind === 'half' ? halfAttention : undefined
}

function productOf({ form, values, scales }: QuantizedLayer, { rows, halves }: Readings): Product {
  const weights = tensorOf(values)
  if (form.kind === 'half') return (x) => halfProduct(halves(x), weights)
  const factors = tensorOf(scales!)
  return form.kind === 'int8'
    ? (x) => integerProduct(rows(x), weights, factors)
    : (x) => blockProduct(x, weights, factors, { bits: form.bits })
}

function once<T extends object>(make: (x: Tensor) => T): (x: Tensor) => T {
  const made = new WeakMap<Tensor, T>()
  return (x) => {
    const known = made.get(x) ?? make(x)
    made.set(x, known)
    return known
  }
}

const storage: Record<string, DType> = { F16: 'float16', I8: 'int8', U8: 'uint8', F32: 'float32' }

const tensorOf = ({ name, dtype, shape, parts }: WeightView): Tensor => weight(name, storage[dtype]!, shape, parts)
