// Prompts as ComfyUI's clients send them, small enough for the model that comes along.
import { readFile } from 'node:fs/promises'

export type Prompt = Record<string, { class_type: string; inputs: Record<string, unknown> }>

const node = (class_type: string, inputs: Record<string, unknown> = {}) => ({ class_type, inputs })

/** Text to picture, in a model file that no server here has. */
export function plainPrompt({ steps = 2, seed = 7, text = 'the teapot on the beach' } = {}): Prompt {
  return {
    1: node('UNETLoader', { unet_name: 'flux1-dev.safetensors', weight_dtype: 'default' }),
    2: node('DualCLIPLoader', {
      ...{ clip_name1: 't5xxl_fp16.safetensors', clip_name2: 'clip_l.safetensors', type: 'flux' },
    }),
    3: node('VAELoader', { vae_name: 'ae.safetensors' }),
    4: node('CLIPTextEncode', { text, clip: ['2', 0] }),
    5: node('CLIPTextEncode', { text: '', clip: ['2', 0] }),
    6: node('EmptySD3LatentImage', { width: 128, height: 128, batch_size: 1 }),
    7: node('KSampler', {
      ...{ model: ['1', 0], positive: ['4', 0], negative: ['5', 0], latent_image: ['6', 0] },
      ...{ seed, steps, cfg: 1, sampler_name: 'euler', scheduler: 'simple', denoise: 1 },
    }),
    8: node('VAEDecode', { samples: ['7', 0], vae: ['3', 0] }),
    9: node('SaveImage', { images: ['8', 0], filename_prefix: 'tests/teapot' }),
  }
}

const stack = [
  ['flux-turbo.safetensors', 1],
  ['dreamo_comfyui.safetensors', 1],
  ['dreamo_cfg_distill_comfyui.safetensors', 1],
  ['dreamo_sft_lora.safetensors', 1],
  ['dreamo_dpo_lora.safetensors', 1.2],
] as const

/** Two subjects with DreamO v1.1, as the pack's own flow has them; the prepared references are shown. */
export function dreamoPrompt(pictures: readonly [string, string], { steps = 2 } = {}): Prompt {
  const text = 'the teapot [ref#1] on the left and the robot [ref#2] on the right, on the beach'
  const prompt = plainPrompt({ steps, text })
  let model = ['1', 0]
  for (const [index, [lora_name, strength_model]] of stack.entries()) {
    prompt[`${20 + index}`] = node('LoraLoaderModelOnly', { model, lora_name, strength_model })
    model = [`${20 + index}`, 0]
  }
  prompt[30] = node('DreamOProcessorLoader')
  for (const [index, image] of pictures.entries()) {
    prompt[`${31 + index}`] = node('LoadImage', { image })
    prompt[`${33 + index}`] = node('DreamORefEncode', {
      ...{ pixels: [`${31 + index}`, 0], vae: ['3', 0], dreamo_processor: ['30', 0], resolution: 512, ref_task: 'ip' },
    })
    prompt[`${35 + index}`] = node('PreviewImage', { images: [`${33 + index}`, 1] })
  }
  prompt[40] = node('ApplyDreamO', { model, ref1: ['33', 0], ref2: ['34', 0] })
  prompt[41] = node('FluxGuidance', { conditioning: ['4', 0], guidance: 4.5 })
  Object.assign(prompt[7]!.inputs, { model: ['40', 0], positive: ['41', 0] })
  return prompt
}

export const pictureBytes = (name: string): Promise<Buffer> =>
  readFile(new URL(`../../../../../examples/pictures/${name}`, import.meta.url))

/** POST /upload/image. */
export async function upload(
  url: string,
  {
    name,
    as = name,
    headers = {},
    ...fields
  }: { name: string; as?: string; headers?: Record<string, string> } & Record<string, unknown>,
): Promise<{ name: string; subfolder: string; type: string }> {
  const form = new FormData()
  form.set('image', new File([new Uint8Array(await pictureBytes(name))], as, { type: 'image/png' }))
  for (const [field, value] of Object.entries(fields)) form.set(field, String(value))
  const response = await fetch(`${url}/upload/image`, { method: 'POST', headers, body: form })
  if (!response.ok) throw new Error(`upload: ${response.status} ${await response.text()}`)
  return response.json() as never
}
