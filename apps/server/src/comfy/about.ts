// What ComfyUI's clients ask about the server itself.
import { freemem, platform, totalmem } from 'node:os'
import type { ComfyLists } from '@dreamgraph/comfy'
import type { Capabilities } from '@dreamgraph/protocol'

/** Whose wire format this is; clients compare it. */
const comfyVersion = '0.3.60'

export const featuresOf = (uploadBytes: number) => ({
  supports_preview_metadata: true,
  max_upload_size: uploadBytes,
})

export function systemStats(version: string, workers: readonly { name: string; capabilities: Capabilities }[]) {
  return {
    system: {
      ...{ os: platform() === 'win32' ? 'nt' : 'posix', ram_total: totalmem(), ram_free: freemem() },
      ...{ comfyui_version: comfyVersion, dreamgraph_version: version, required_frontend_version: '' },
      // No Python here; the fields are read by clients that show them.
      ...{ python_version: '', pytorch_version: '', embedded_python: false, argv: ['dreamgraph', 'serve'] },
    },
    devices: workers.map(({ name, capabilities: { device, memoryBytes } }, index) => ({
      ...{ name: `${device} (${name})`, type: 'cpu', index },
      ...{ vram_total: memoryBytes, vram_free: memoryBytes },
      ...{ torch_vram_total: memoryBytes, torch_vram_free: memoryBytes },
    })),
  }
}

/** ComfyUI's folders of models; those it calls otherwise in older versions too. */
export function modelFolders(lists: ComfyLists): ReadonlyMap<string, readonly string[]> {
  const { checkpoints = [], diffusionModels = [], textEncoders = [], vaes = [], loras = [] } = lists
  return new Map([
    ['checkpoints', checkpoints],
    ['diffusion_models', diffusionModels],
    ['unet', diffusionModels],
    ['text_encoders', textEncoders],
    ['clip', textEncoders],
    ['vae', vaes],
    ['loras', loras],
    ['embeddings', []],
  ])
}
