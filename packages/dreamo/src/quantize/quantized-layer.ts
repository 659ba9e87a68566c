// A quantized linear layer as a model's graph sees it.
import {
  blockProduct,
  type DType,
  integerProduct,
  type QuantizedRows,
  quantizeRows,
  type Tensor,
  weight,
} from '@dreamgraph/onnx'
import type { WeightView } from '@dreamgraph/weights'
import type { LayerForm } from './schemes.js'

export interface QuantizedLayer {
  readonly form: LayerForm
  readonly values: WeightView
  readonly scales: WeightView
}

/** Layers by module. */
export type QuantizedLayers = ReadonlyMap<string, QuantizedLayer>

/** x [.., in] → [.., out], without bias. */
export type Product = (x: Tensor) => Tensor

/** Makes the products of these layers. Layers that read the same tensor share its quantized form, as q, k and v do. */
export function quantizedProducts(layers: QuantizedLayers): (module: string) => Product | undefined {
  const quantized = new WeakMap<Tensor, QuantizedRows>()
  const rowsOf = (x: Tensor): QuantizedRows => {
    const known = quantized.get(x) ?? quantizeRows(x)
    quantized.set(x, known)
    return known
  }
  // One product a module: a model may ask twice, and a graph knows each weight once.
  const products = new Map<string, Product>()
  return (module) => {
    const layer = layers.get(module)
    if (!layer) return undefined
    const product = products.get(module) ?? productOf(layer, rowsOf)
    products.set(module, product)
    return product
  }
}

function productOf({ form, values, scales }: QuantizedLayer, rowsOf: (x: Tensor) => QuantizedRows): Product {
  const [weights, factors] = [tensorOf(values), tensorOf(scales)]
  return form.kind === 'int8'
    ? (x) => integerProduct(rowsOf(x), weights, factors)
    : (x) => blockProduct(x, weights, factors, { bits: form.bits })
}

const storage: Record<string, DType> = { I8: 'int8', U8: 'uint8', F32: 'float32' }

const tensorOf = ({ name, dtype, shape, parts }: WeightView): Tensor => weight(name, storage[dtype]!, shape, parts)
