// Which model paints what a flow asks for by a file name of ComfyUI, and the lists that clients choose from.
import type { ComfyLists } from '@dreamgraph/comfy'
import { type Preset, type PresetVersion, preset } from '@dreamgraph/dreamo'
import type { Models } from '../models/models.js'

export interface ModelNamesOptions {
  readonly models: Models
  /** Names that connected workers have. */
  readonly workersModels: () => readonly string[]
}

const rememberMs = 10_000

/** Parts come with each model; these names stand in nearly every flow for FLUX. */
const partNames = { textEncoders: ['t5xxl_fp16.safetensors', 'clip_l.safetensors'], vaes: ['ae.safetensors'] }

/** DreamO's LoRAs under the names of its ComfyUI flows: together they become a preset. */
const loras = [
  'flux-turbo.safetensors',
  'dreamo_comfyui.safetensors',
  'dreamo_cfg_distill_comfyui.safetensors',
  'dreamo_sft_lora.safetensors',
  'dreamo_dpo_lora.safetensors',
  'dreamo_quality_lora_pos_comfyui.safetensors',
  'dreamo_quality_lora_neg_comfyui.safetensors',
]

export class ModelNames {
  readonly #options: ModelNamesOptions
  #known: Promise<readonly string[]> | undefined
  #knownAtMs = 0
  readonly #presets = new Map<string, Promise<readonly string[]>>()

  constructor(options: ModelNamesOptions) {
    this.#options = options
  }

  /** Those that can be opened, the ones that come along last. */
  async names(): Promise<readonly string[]> {
    if (Date.now() - this.#knownAtMs > rememberMs) {
      this.#known = this.#list()
      this.#knownAtMs = Date.now()
      this.#presets.clear()
    }
    return this.#known!
  }

  async #list(): Promise<string[]> {
    const known = await this.#options.models.list()
    const own = known.filter(({ problem }) => problem === undefined)
    const others = this.#options.workersModels().filter((name) => !known.some((model) => model.name === name))
    const isShipped = new Set(own.filter(({ shipped }) => shipped).map(({ name }) => name))
    const all = [...new Set([...own.map(({ name }) => name), ...others])]
    return [...all.filter((name) => !isShipped.has(name)), ...isShipped]
  }

  async lists(): Promise<ComfyLists> {
    const names = await this.names()
    return { checkpoints: names, diffusionModels: names, loras, ...partNames }
  }

  /** Settings of a preset that fits a model, `wanted` before others; undefined where none is known to. */
  async presetFor(model: string, wanted: string | undefined): Promise<Preset | undefined> {
    const fitting = this.#presets.get(model) ?? this.#fitting(model)
    this.#presets.set(model, fitting)
    const versions = await fitting
    const version = versions.find((one) => one === wanted) ?? versions[0]
    return version === undefined ? undefined : preset(version as PresetVersion, { turbo: true })
  }

  async #fitting(model: string): Promise<readonly string[]> {
    try {
      const { presets } = await this.#options.models.report(model)
      // A preset is listed with and without turbo.
      return [...new Set(presets.filter(({ isFine }) => isFine).map((one) => one.preset.split(' ')[0]!))]
    } catch {
      return [] // a model of another machine, or one that cannot be read: the job will say so
    }
  }
}

/** The model of that name, with or without folder and extension; else the first there is. */
export function chooseModel(asked: string, names: readonly string[]): string | undefined {
  const stem = asked.replace(/^.*\//, '').replace(/\.(safetensors|sft|gguf|ckpt)$/i, '')
  const isSame = (name: string) => name.toLowerCase() === stem.toLowerCase()
  return names.find((name) => name === asked) ?? names.find(isSame) ?? names[0]
}
