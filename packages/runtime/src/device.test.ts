import { existsSync } from 'node:fs'
import { afterAll, describe, expect, it } from 'vitest'
import { openRuntime } from './runtime.js'
import { float32, source } from './testing/models.js'

// Chromium brings a Vulkan driver that computes on the CPU: the real WebGPU path without a GPU.
const icdFile = '/usr/lib/chromium/vk_swiftshader_icd.json'
const softwareGpu = { ...process.env, VK_ICD_FILENAMES: icdFile }
const hasSoftwareGpu = existsSync(icdFile)
if (!hasSoftwareGpu) console.warn(`skipped: the tests of webgpu, because ${icdFile} is absent (install chromium)`)

/** LayerNormalization(softmax(x · x)), and an op that the WebGPU provider has not. */
const model = source('mixed', {
  inputs: [{ name: 'x', type: 'float32', shape: [8, 8] }],
  outputs: [{ name: 'y', type: 'float32', shape: [8, 8] }],
  initializers: [
    { name: 'scale', type: 'float32', shape: [8], data: new Uint8Array(new Float32Array(8).fill(1.5).buffer) },
  ],
  nodes: [
    { op: 'MatMul', inputs: ['x', 'x'], outputs: ['product'] },
    { op: 'Softmax', inputs: ['product'], outputs: ['weights'] },
    { op: 'LayerNormalization', inputs: ['weights', 'scale'], outputs: ['normed'] },
    { op: 'Selu', inputs: ['normed'], outputs: ['y'] },
  ],
})
const feeds = { x: float32([8, 8], ...Array.from({ length: 64 }, (_, i) => Math.sin(i))) }

describe('openRuntime', () => {
  it('takes the cpu by name', async () => {
    const runtime = await openRuntime({ device: 'cpu' })
    expect([runtime.device, runtime.deviceLine]).toEqual(['cpu', 'cpu, as requested'])
  })

  it('by itself never chooses a software driver, and says why', async () => {
    const runtime = await openRuntime({ env: softwareGpu })
    expect(runtime.device).not.toBe('webgpu')
    if (process.platform === 'linux')
      expect(runtime.deviceLine).toContain('webgpu: VK_ICD_FILENAMES names a software driver')
    expect(runtime.deviceLine).toContain('cuda')
  })

  it.runIf(process.platform === 'linux')('refuses a device by name that does not work, with the way out', async () => {
    // A driver file that is not there is no driver, also on a machine with a GPU.
    const env = { ...process.env, VK_ICD_FILENAMES: '/absent/driver.json' }
    await expect(openRuntime({ device: 'webgpu', env })).rejects.toMatchObject({
      code: 'runtime/device-unavailable',
      userFault: true,
      message: expect.stringMatching(/expected webgpu to work here, got: .*adapter.*vk_swiftshader_icd\.json/),
    })
  })

  it('takes cuda where it works, and refuses it otherwise', async () => {
    const opened = await openRuntime({ device: 'cuda' }).catch((error: unknown) => error)
    expect([
      expect.objectContaining({ device: 'cuda' }),
      expect.objectContaining({ code: 'runtime/device-unavailable', message: expect.stringContaining('install:cuda') }),
    ]).toContainEqual(opened)
  })
})

describe.runIf(hasSoftwareGpu)('webgpu on a software driver', async () => {
  const lines: string[] = []
  const cpu = await openRuntime({ device: 'cpu' })
  const options = { device: 'webgpu', env: softwareGpu, verbose: true } as const
  const gpu = hasSoftwareGpu ? await openRuntime({ ...options, onLog: (line) => lines.push(line) }) : cpu
  afterAll(() => Promise.all([cpu.close(), gpu.close()]))

  it('computes what the cpu computes', async () => {
    const [onCpu, onGpu] = [await cpu.session(model).run(feeds), await gpu.session(model).run(feeds)]
    const [want, got] = [onCpu.y!.data as Float32Array, onGpu.y!.data as Float32Array]
    expect(gpu.device).toBe('webgpu')
    expect(got.length).toBe(64)
    for (const [i, value] of got.entries()) expect(Math.abs(value - want[i]!)).toBeLessThan(1e-4)
  })

  it('says which nodes fell back to the cpu when asked to', () => {
    const log = lines.join('\n')
    expect(log).toMatch(/placed on \[CPUExecutionProvider\]\. Number of nodes: 1\n.*Selu/)
    expect(log).toMatch(/placed on \[WebGpuExecutionProvider\]/)
  })
})
