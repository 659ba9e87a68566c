// Single products at FLUX's shapes: ours beside what else onnxruntime has for weights of few bits.
import { join } from 'node:path'
import {
  apply,
  blockProduct,
  type DType,
  emit,
  graph,
  input,
  integerProduct,
  linear,
  memoryOf,
  type OpSpec,
  quantizeRows,
  sum,
  type Tensor,
  weight,
} from '@dreamgraph/onnx'
import { openRuntime, type Session, type WeightPlacement } from '@dreamgraph/runtime'
import { openSafetensors, type TensorSource, writeSafetensors } from '@dreamgraph/weights'
import { alternate, timeMs } from '../measure.js'
import { uniform } from '../random-values.js'
import { withScratchFolder } from '../scratch-folder.js'

export interface ProductOptions {
  readonly tokens: number
  /** Widths in and out. */
  readonly from: number
  readonly to: number
  readonly threads: number
  readonly rounds: number
}

export type ProductTimes = Readonly<Record<string, number>>

/** Quantizes all of x by one scale, inside the op. One kernel, but tokens of all sizes share 256 levels. */
const dynamicProduct: OpSpec = {
  onnx: 'DynamicQuantizeMatMul',
  domain: 'com.microsoft',
  vjp: null,
  infer: ([x, w]) => ({ dtype: 'float32', shape: [...x.shape.slice(0, -1), w.shape[1]] }),
}

/** Milliseconds of each way, in one process whose runs alternate. */
export async function work(options: ProductOptions): Promise<ProductTimes> {
  const { tokens, from, threads, rounds } = options
  return withScratchFolder(async (folder) => {
    const of = await randomWeights(join(folder, 'weights.safetensors'), options)
    const x = input('x', [1, tokens, from])
    const blocks = (bits: 4 | 8, block: number): Tensor =>
      blockProduct(x, of(`values${bits}-${block}`), of(`scales-${block}`), { bits })
    const ways: Readonly<Record<string, readonly [Tensor, WeightPlacement]>> = {
      'float32, mapped': [linear(x, of('float')), 'mapped'],
      'float32, packed': [linear(x, of('float')), 'packed'],
      'int8 by row, mapped': [integerProduct(quantizeRows(x), of('int8'), of('scales')), 'mapped'],
      'int8 by row, laid out': [integerProduct(quantizeRows(x), of('int8'), of('scales')), 'laid-out'],
      'DynamicQuantizeMatMul, laid out': [apply(dynamicProduct, [x, of('int8'), of('scales')]), 'laid-out'],
      'MatMulNBits 8 bits, 128': [blocks(8, 128), 'laid-out'],
      'MatMulNBits 8 bits, 32': [blocks(8, 32), 'laid-out'],
      'MatMulNBits 4 bits, 128': [blocks(4, 128), 'laid-out'],
      'MatMulNBits 4 bits, 32': [blocks(4, 32), 'laid-out'],
    }
    const runtime = await openRuntime({ device: 'cpu', threads })
    try {
      const data = uniform(tokens * from, { bound: 1.7, seed: 1 })
      const arms: Record<string, () => Promise<number>> = {}
      for (const [name, [y, weights]] of Object.entries(ways)) {
        // Only a sum comes back: else the way between the processes would be what is measured.
        const model = graph(name, { y: sum(y, { axes: [0, 1, 2] }) })
        const source = { name, bytes: emit(model), ...memoryOf(model) }
        const session: Session = runtime.session(source, { weights, keepMemory: true })
        await session.bind({ x: { dtype: 'float32', shape: x.shape, data } })
        arms[name] = () => timeMs(() => session.run({}))
      }
      return await alternate(arms, rounds)
    } finally {
      await runtime.close()
    }
  })
}

const storage: Record<string, DType> = { F32: 'float32', I8: 'int8', U8: 'uint8' }

/** Weights of every form in one file. Their values do not matter to time. */
async function randomWeights(file: string, { from, to }: ProductOptions): Promise<(name: string) => Tensor> {
  const bytes = (count: number): Uint8Array =>
    Uint8Array.from({ length: count }, (_, i) => Math.imul(i, 2654435761) >>> 24)
  const numbers = (count: number): Float32Array => uniform(count, { bound: 0.01, seed: 2 })
  const sources: TensorSource[] = [
    { name: 'float', dtype: 'F32', shape: [to, from], data: numbers(to * from) },
    { name: 'int8', dtype: 'I8', shape: [from, to], data: bytes(to * from) },
    { name: 'scales', dtype: 'F32', shape: [to], data: numbers(to) },
    ...[32, 128].flatMap((block): TensorSource[] => [
      { name: `values8-${block}`, dtype: 'U8', shape: [to, from / block, block], data: bytes(to * from) },
      { name: `values4-${block}`, dtype: 'U8', shape: [to, from / block, block / 2], data: bytes((to * from) / 2) },
      { name: `scales-${block}`, dtype: 'F32', shape: [to, from / block], data: numbers((to * from) / block) },
    ]),
  ]
  await writeSafetensors(file, sources)
  const { tensors } = await openSafetensors(file)
  return (name) => {
    const { dtype, shape, parts } = tensors.get(name)!
    return weight(name, storage[dtype]!, shape, parts)
  }
}
