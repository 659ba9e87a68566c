// From prompt and reference to a picture on webgpu, over software Vulkan: the GPU path without a GPU, held against the CPU.
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  decodePicture,
  denoise,
  encodeReference,
  encodeText,
  gaussianNoise,
  type Model,
  modelFiles,
  openModel,
  type RgbImage,
  runningWeights,
  unpackLatents,
  withLoras,
} from '@dreamgraph/dreamo'
import { writeRandomModel } from '@dreamgraph/nodes'
import { type Device, openRuntime, type Runtime } from '@dreamgraph/runtime'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { slopingPicture } from './small-model.js'

/** Chromium's driver, as Debian installs it. */
const softwareDriver = '/usr/lib/chromium/vk_swiftshader_icd.json'
const missing = existsSync(softwareDriver)
  ? undefined
  : `no software Vulkan driver at ${softwareDriver} (apt-get install chromium)`
if (missing) console.log(`skipped: ${missing}`)

let folder = ''
const runtimes = new Map<Device, Runtime>()

beforeAll(async () => {
  if (missing) return
  folder = await mkdtemp(join(tmpdir(), 'dreamgraph-webgpu-'))
  await writeRandomModel(folder, { seed: 11n })
  vi.stubEnv('VK_ICD_FILENAMES', softwareDriver)
  for (const device of ['cpu', 'webgpu'] as const) runtimes.set(device, await openRuntime({ device }))
})
afterAll(async () => {
  for (const runtime of runtimes.values()) await runtime.close()
  vi.unstubAllEnvs()
  if (folder) await rm(folder, { recursive: true })
})

async function open(device: Device, scheme?: 'fp16' | 'int4-block'): Promise<Model> {
  const base = await openModel(await modelFiles(folder), runtimes.get(device)!, { home: join(folder, 'home'), scheme })
  return withLoras(base, [{ path: join(folder, 'DreamO/dreamo.safetensors'), weight: 1 }])
}

/** Two steps with true guidance, maps of the reference read in the first one. */
async function paint(model: Model): Promise<{ picture: RgbImage; responses: Float32Array }> {
  const grid = { rows: 2, columns: 3 }
  const { inChannels } = model.transformer.config
  const text = await encodeText(model, 'a cat [ref#1]', { maxTokens: 8 })
  const negative = await encodeText(model, '', { maxTokens: 8 })
  const image = slopingPicture(32, 48, 30)
  const reference = await encodeReference(model, { slot: 1, task: 'ip', image }, { draw: { kind: 'mode' } })
  const maps: Float32Array[] = []
  const latents = await denoise(model, {
    ...{ grid, text, references: [reference], steps: 2, guidance: 3.5 },
    noise: gaussianNoise(6 * inChannels, { seed: 2n, stream: 'latent', index: 0 }),
    trueCfg: { negative, scale: 2, startStep: 0, endStep: 2, guidance: 3.5 },
    wantsResponses: () => maps.length === 0,
    onStep: ({ responses }) => responses && maps.push(responses.data),
  })
  const shape = { batch: 1, channels: inChannels / 4, height: 4, width: 6 }
  const picture = await decodePicture(model, { ...shape, data: unpackLatents(latents, shape) })
  return { picture, responses: maps[0]! }
}

const furthest = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Array.from(a).reduce((worst, value, i) => Math.max(worst, Math.abs(value - b[i]!)), 0)

test.skipIf(missing)('WebGPU has no bfloat16: weights are written once more in types that it has', async () => {
  const { vae, clip, t5, sessions, quantization } = await open('webgpu')
  const types = new Set([vae, clip, t5].flatMap(({ weights }) => [...weights.values()].map(({ dtype }) => dtype)))
  const hasHalves = await sessions.hasHalves()
  expect([...types].sort()).toEqual(hasHalves ? ['F16', 'F32'] : ['F32'])
  expect(quantization?.scheme).toBe(hasHalves ? 'fp16' : undefined)
})

test.skipIf(missing)('fp16 on a GPU without float16 is a fault of who asked for it', async (context) => {
  const model = await open('webgpu', 'fp16')
  if (await model.sessions.hasHalves()) return context.skip('the driver has float16')
  await expect(runningWeights(model)).rejects.toMatchObject({ code: 'dreamo/float16-missing' })
})

test.skipIf(missing)('a picture from prompt and reference is that of the CPU, within a level', async () => {
  const [cpu, webgpu] = [await paint(await open('cpu')), await paint(await open('webgpu'))]
  expect(webgpu.picture).toMatchObject({ width: 48, height: 32 })
  expect(new Set(cpu.picture.data).size).toBeGreaterThan(20) // there is something in it
  expect(furthest(webgpu.picture.data, cpu.picture.data)).toBeLessThanOrEqual(1)
  expect(furthest(webgpu.responses, cpu.responses)).toBeLessThan(1e-3)
})

test.skipIf(missing)('weights of 4 bits are the same numbers there', async () => {
  const [cpu, webgpu] = [await paint(await open('cpu', 'int4-block')), await paint(await open('webgpu', 'int4-block'))]
  const exact = await paint(await open('cpu'))
  expect(furthest(cpu.picture.data, exact.picture.data)).toBeGreaterThan(0)
  expect(furthest(webgpu.picture.data, cpu.picture.data)).toBeLessThanOrEqual(3) // the CPU rounds activations too
})
