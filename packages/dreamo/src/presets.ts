/** DreamO's published settings, as data: which LoRAs at which weight, how many steps, how much guidance. */
import { defaultTextTokens } from './encode-text.js'
import { DreamoError } from './errors.js'

export type PresetVersion = 'v1' | 'v1.1' | 'mini'

/** A LoRA file of a preset, relative to the folder the DreamO files were downloaded into. */
export interface PresetLora {
  name: 'dreamo' | 'cfg_distill' | 'turbo' | 'quality_pos' | 'quality_neg' | 'sft' | 'dpo'
  file: string
  weight: number
}

export interface Preset {
  version: PresetVersion
  turbo: boolean
  /** In the order the official code fuses them: in bf16 the sum depends on it. */
  loras: readonly PresetLora[]
  /** The file that also holds the task, index and placeholder embeddings. */
  embeddingsFile: string
  guidance: number
  /** Guidance of step 0. The pipeline's own default is 3.5; the official app passes `guidance`, and so do presets. */
  firstStepGuidance: number
  /** Scale of true guidance against an empty prompt; 1 is none, and a step is one forward pass. */
  trueCfg: number
  steps: number
  /** Subjects and styles are resized to this many pixels squared. */
  referenceResolution: number
  /** Tokens of T5 that prompts are padded to. */
  textTokens: number
}

/**
 * The versions ByteDance published, of which v1.1 (June 2025) replaces the two quality LoRAs by fine-tuning and preference
 * ones; and the small model that comes with this repository.
 */
export const presetVersions: readonly PresetVersion[] = ['v1', 'v1.1', 'mini']

const main: PresetLora = { name: 'dreamo', file: 'DreamO/dreamo.safetensors', weight: 1 }

/** Distils true classifier-free guidance into one forward pass a step. */
const cfgDistill: PresetLora = { name: 'cfg_distill', file: 'DreamO/dreamo_cfg_distill.safetensors', weight: 1 }

/** alimama-creative/FLUX.1-Turbo-Alpha: 12 steps instead of 25. */
const turboAlpha: PresetLora = {
  name: 'turbo',
  file: 'FLUX.1-Turbo-Alpha/diffusion_pytorch_model.safetensors',
  weight: 1,
}

/** v1: a little towards good pictures and much away from bad ones (over-saturation, plastic faces). */
const qualityV1: readonly PresetLora[] = [
  { name: 'quality_pos', file: 'DreamO/dreamo_quality_lora_pos.safetensors', weight: 0.15 },
  { name: 'quality_neg', file: 'DreamO/dreamo_quality_lora_neg.safetensors', weight: -0.8 },
]

/** v1.1: supervised fine-tuning and direct preference optimisation; the official code uses 1.25 for dpo, ComfyUI's 1.2. */
const qualityV11: readonly PresetLora[] = [
  { name: 'sft', file: 'DreamO/v1.1/dreamo_sft_lora.safetensors', weight: 1 },
  { name: 'dpo', file: 'DreamO/v1.1/dreamo_dpo_lora.safetensors', weight: 1.25 },
]

/** As it was trained: nothing distilled, so no turbo, and true guidance only; pictures of 128², references of 64². */
const mini: Preset = {
  version: 'mini',
  turbo: false,
  loras: [main],
  embeddingsFile: main.file,
  guidance: 1,
  firstStepGuidance: 1,
  trueCfg: 3,
  steps: 12,
  referenceResolution: 64,
  textTokens: 56,
}

/** The settings of a version with or without turbo. Throws preset-unknown. */
export function preset(version: string, options: { turbo: boolean }): Preset {
  if (version === 'mini') return mini
  if (version !== 'v1' && version !== 'v1.1') {
    throw new DreamoError('dreamo/preset-unknown', `preset: expected ${presetVersions.join(' or ')}, got ${version}`)
  }
  const guidance = version === 'v1' ? 3.5 : 4.5 // the app's slider defaults
  return {
    version,
    turbo: options.turbo,
    loras: [main, cfgDistill, ...(options.turbo ? [turboAlpha] : []), ...(version === 'v1' ? qualityV1 : qualityV11)],
    embeddingsFile: main.file,
    guidance,
    firstStepGuidance: guidance,
    trueCfg: 1, // cfg_distill has made it a part of the weights
    steps: options.turbo ? 12 : 25,
    referenceResolution: 512,
    textTokens: defaultTextTokens,
  }
}

/** Every preset once: the published versions with and without turbo, and mini. */
export const presets: readonly Preset[] = [
  ...['v1', 'v1.1'].flatMap((version) => [true, false].map((turbo) => preset(version, { turbo }))),
  mini,
]
