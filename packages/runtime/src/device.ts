/** Decides where models run, and says in one line why. */

import { existsSync, readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { RuntimeError } from './errors.js'
import type { Device } from './messages.js'
import { probeDevice } from './probe.js'

export interface DeviceChoice {
  readonly device: Device
  /** "cpu, because cuda: …; webgpu: …" */
  readonly line: string
}

type Accelerator = Exclude<Device, 'cpu'>

const accelerators: readonly Accelerator[] = ['cuda', 'webgpu']

const waysOut: Readonly<Record<Accelerator, string>> = {
  cuda: 'run `npm run install:cuda` on Linux x64 with CUDA 12 and cuDNN 9, or choose another device',
  webgpu:
    'install a Vulkan, Metal or D3D12 driver; without a GPU, set VK_ICD_FILENAMES to the vk_swiftshader_icd.json of an ' +
    'installed Chromium (slow, for tests); or choose another device',
}

/**
 * 'auto' takes the first of cuda, webgpu that is likely to be fast and computes a test graph right, else cpu.
 * A device by name is taken or refused: runtime/device-unavailable with the reason and the way out.
 */
export async function chooseDevice(wanted: 'auto' | Device, env: NodeJS.ProcessEnv): Promise<DeviceChoice> {
  if (wanted === 'cpu') return { device: 'cpu', line: 'cpu, as requested' }
  if (wanted !== 'auto') {
    const reason = absence(wanted) ?? (await probeDevice(wanted, env))
    if (reason === undefined) return { device: wanted, line: `${wanted}, as requested` }
    const message = `openRuntime, device: expected ${wanted} to work here, got: ${reason}; ${waysOut[wanted]}`
    throw new RuntimeError('runtime/device-unavailable', message)
  }
  const refused: string[] = []
  for (const device of accelerators) {
    const reason = absence(device) ?? slowness(device, env) ?? (await probeDevice(device, env))
    if (reason === undefined)
      return { device, line: [`${device}, because a test graph ran on it`, ...refused].join('; ') }
    refused.push(`${device}: ${reason}`)
  }
  return { device: 'cpu', line: `cpu, because ${refused.join('; ')}` }
}

/** Why a device certainly does not work, without starting anything. */
function absence(device: Accelerator): string | undefined {
  if (device !== 'cuda') return undefined
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    return `onnxruntime-node has no CUDA provider for ${process.platform} ${process.arch}`
  }
  return existsSync(cudaProviderFile()) ? undefined : 'its provider library is not installed'
}

/** Why a device may work and yet be slower than the cpu. */
function slowness(device: Accelerator, env: NodeJS.ProcessEnv): string | undefined {
  if (device !== 'webgpu' || process.platform !== 'linux') return undefined
  if (/swiftshader|lvp/i.test(env.VK_ICD_FILENAMES ?? '')) return 'VK_ICD_FILENAMES names a software driver'
  return hasRenderNode() ? undefined : 'there is no GPU (/dev/dri has no render node)'
}

function hasRenderNode(): boolean {
  try {
    return readdirSync('/dev/dri').some((name) => name.startsWith('renderD'))
  } catch {
    return false
  }
}

function cudaProviderFile(): string {
  const root = dirname(createRequire(import.meta.url).resolve('onnxruntime-node/package.json'))
  return join(root, 'bin/napi-v6', process.platform, process.arch, 'libonnxruntime_providers_cuda.so')
}
