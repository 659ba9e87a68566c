// Products and attention in float16. On the CPU onnxruntime keeps weights in 16 bits and computes in float32; products are also
// multiplied by a GPU's shaders where Mesa's software driver is new enough to have float16.
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { attention, input } from '@dreamgraph/onnx'
import { openRuntime, type Runtime, type TensorData } from '@dreamgraph/runtime'
import { openSafetensors, toFloat32, type WeightView, writeSafetensors } from '@dreamgraph/weights'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { gaussianNoise } from '../noise.js'
import { Sessions } from '../sessions.js'
import { closeTo } from '../testing/golden.js'
import { halfAttention } from './half-precision.js'
import { quantizedProducts } from './quantized-layer.js'
import { quantizedTensors } from './quantized-tensors.js'
import { suitedScheme } from './suited-scheme.js'
import { inKnownTypes, isForeign } from './without-bfloat16.js'

let cpu: Sessions
let gpu: Sessions | undefined
let reason = ''
let dir = ''
const runtimes: Runtime[] = []
const sessionsOn = async (...[options]: Parameters<typeof openRuntime>): Promise<Sessions> => {
  const runtime = await openRuntime(options)
  runtimes.push(runtime)
  return new Sessions(runtime)
}

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'halves-'))
  cpu = await sessionsOn({ device: 'cpu' })
  const drivers = ['lvp_icd.json', 'lvp_icd.x86_64.json'].map((name) => join('/usr/share/vulkan/icd.d', name))
  const driver = drivers.find((path) => existsSync(path))
  try {
    if (!driver) throw new Error('mesa-vulkan-drivers is not installed')
    gpu = await sessionsOn({ device: 'webgpu', env: { ...process.env, VK_ICD_FILENAMES: driver } })
    if (!(await gpu.hasHalves())) throw new Error('its shaders have no float16')
  } catch (error) {
    gpu = undefined
    reason = `no software GPU with float16: ${(error as Error).message}`
    console.log(`skipped: ${reason}`)
  }
})
afterAll(async () => {
  for (const runtime of runtimes) await runtime.close()
  await rm(dir, { recursive: true, force: true })
})

const noise = (count: number, index: number): Float32Array =>
  gaussianNoise(count, { seed: 4n, stream: 'latent', index })

const floats = (shape: readonly number[], data: Float32Array): TensorData => ({ dtype: 'float32', shape, data })

async function written(name: string, dtype: 'F16' | 'BF16', shape: readonly number[], data: Uint8Array | Float32Array) {
  const file = join(dir, `${name}.safetensors`)
  await writeSafetensors(file, [{ name, dtype, shape, data }])
  return (await openSafetensors(file)).tensors.get(name)!
}

const [tokens, width, height] = [3, 64, 5]
const w = noise(height * width, 0).map((value) => 20 * value)
const x = noise(tokens * width, 1).map((value, i) => value * (i < width ? 1000 : 1))

/** The first token's results are beyond what 16 bits hold. */
async function multiply(sessions: Sessions): Promise<Float32Array> {
  const form = { kind: 'half' } as const
  const feeds = { w: floats([height, width], w) }
  const { values } = await sessions.once('halves', { ...quantizedTensors(input('w', [height, width]), form) }, feeds)
  const { buffer, byteOffset, byteLength } = values!.data
  const bytes = new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength)
  const view = await written(`w-${sessions.device}`, 'F16', values!.shape, bytes)
  const product = quantizedProducts(new Map([['m', { form, values: view }]]))('m')!
  const session = await sessions.of('product', { y: product(input('x', [1, tokens, width])) }, { weights: 'mapped' })
  const { y } = await session.run({ x: floats([1, tokens, width], x) })
  expect(y).toMatchObject({ dtype: 'float32', shape: [1, tokens, height] })
  return y!.data as Float32Array
}

function expectProduct(got: Float32Array): void {
  const want = Float32Array.from({ length: tokens * height }, (_, i) => {
    const [token, row] = [Math.floor(i / height), i % height]
    let sum = 0
    for (let k = 0; k < width; k++) sum += x[token * width + k]! * w[row * width + k]!
    return sum
  })
  expect(Math.max(...want.map(Math.abs))).toBeGreaterThan(65504)
  want.forEach((value, i) => {
    const size = (i < height ? 1000 : 1) * 20 * Math.sqrt(width)
    expect(Math.abs(got[i]! - value)).toBeLessThan(3e-3 * size)
  })
}

test('products are those of float32 to three digits, also beyond what 16 bits hold', async () => {
  expectProduct(await multiply(cpu))
})

test('a GPU multiplies the same', async (context) => {
  if (!gpu) return context.skip(reason)
  expectProduct(await multiply(gpu))
})

test('attention in float16 is that of float32 to three digits', async () => {
  const shape = [1, 20, 32]
  const [q, k, v] = ['q', 'k', 'v'].map((name) => input(name, shape))
  const outputs = {
    half: halfAttention(q!, k!, v!, { heads: 2 }),
    whole: attention(q!, k!, v!, { heads: 2 }),
  }
  const session = await cpu.of('attention', outputs)
  const feeds = Object.fromEntries(['q', 'k', 'v'].map((name, i) => [name, floats(shape, noise(20 * 32, 2 + i))]))
  const { half, whole } = await session.run(feeds)
  closeTo(half!.data as Float32Array, whole!.data as Float32Array, { atol: 3e-3, rtol: 3e-3 })
})

test('on the CPU weights stay as they are stored', async () => {
  const view = await written('plain', 'BF16', [height, width], w)
  expect(isForeign(cpu, view)).toBe(false)
  expect(await suitedScheme(new Map([['plain', view]]), cpu)).toBeUndefined()
})

test('on a GPU bfloat16 becomes float16, and 16 bits are what transformers compute in', async (context) => {
  if (!gpu) return context.skip(reason)
  const matrix = await written('matrix', 'BF16', [height, width], w)
  const vector = await written('vector', 'BF16', [width], x.subarray(0, width))
  const all = new Map([matrix, vector].map((view): [string, WeightView] => [view.name, view]))
  expect([matrix, vector].map((view) => isForeign(gpu!, view))).toEqual([true, true])
  expect(await suitedScheme(all, gpu)).toBe('fp16')
  expect(await suitedScheme(new Map([['vector', vector]]), gpu)).toBeUndefined()

  const sources = await inKnownTypes([matrix, vector], gpu)
  expect(sources.map(({ name, dtype }) => [name, dtype])).toEqual([
    ['matrix', 'F16'],
    ['vector', 'F32'],
  ])
  const file = join(dir, 'known.safetensors')
  await writeSafetensors(file, sources)
  const { tensors } = await openSafetensors(file)
  for (const [name, values] of Object.entries({ matrix: w, vector: x.subarray(0, width) })) {
    const bytes = await toFloat32(tensors.get(name)!)
    expect(bytes).toEqual(await toFloat32(all.get(name)!)) // bfloat16 of this size has fewer digits than float16
    closeTo(bytes, values, { atol: 0, rtol: 2 ** -8 })
  }
})
