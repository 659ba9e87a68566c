/** Classes that open models and put LoRAs on them. */
import { type ClassDeclaration, choice, float, link, oneOf, optional } from './declaration.js'

const strength = float({ default: 1, min: -100, max: 100, step: 0.01 })
const device = optional(choice('default', 'cpu'))
const category = 'model/loaders'

export const loaderClasses: Readonly<Record<string, ClassDeclaration>> = {
  UNETLoader: {
    title: 'Load Diffusion Model',
    category,
    inputs: {
      unet_name: oneOf('diffusionModels'),
      weight_dtype: choice('default', 'fp8_e4m3fn', 'fp8_e4m3fn_fast', 'fp8_e5m2'),
    },
    outputs: [['MODEL', 'MODEL']],
  },
  CheckpointLoaderSimple: {
    title: 'Load Checkpoint',
    category,
    inputs: { ckpt_name: oneOf('checkpoints') },
    outputs: [
      ['MODEL', 'MODEL'],
      ['CLIP', 'CLIP'],
      ['VAE', 'VAE'],
    ],
  },
  DualCLIPLoader: {
    title: 'Load CLIP (Dual)',
    category,
    inputs: {
      clip_name1: oneOf('textEncoders'),
      clip_name2: oneOf('textEncoders'),
      type: choice('flux', 'sdxl', 'sd3', 'hunyuan_video', 'hidream', 'hunyuan_image', 'kandinsky5', 'ltxv', 'newbie'),
      device,
    },
    outputs: [['CLIP', 'CLIP']],
  },
  CLIPLoader: {
    title: 'Load CLIP',
    category,
    inputs: {
      clip_name: oneOf('textEncoders'),
      type: choice('stable_diffusion', 'sd3', 'chroma', 'flux2', 'hidream', 'lumina2', 'pixart', 'qwen_image', 'wan'),
      device,
    },
    outputs: [['CLIP', 'CLIP']],
  },
  VAELoader: {
    title: 'Load VAE',
    category,
    inputs: { vae_name: oneOf('vaes') },
    outputs: [['VAE', 'VAE']],
  },
  LoraLoader: {
    title: 'Load LoRA (Model and CLIP)',
    category,
    inputs: {
      model: link('MODEL'),
      clip: link('CLIP'),
      lora_name: oneOf('loras'),
      strength_model: strength,
      strength_clip: strength,
    },
    outputs: [
      ['MODEL', 'MODEL'],
      ['CLIP', 'CLIP'],
    ],
  },
  LoraLoaderModelOnly: {
    title: 'Load LoRA',
    category,
    inputs: { model: link('MODEL'), lora_name: oneOf('loras'), strength_model: strength },
    outputs: [['MODEL', 'MODEL']],
  },
}
