// The texts of a folder in the layout of FLUX.1-dev, for models that are made here. Weights are written by who has them.
import type { FluxConfig } from './configs.js'

/** What stands in FLUX.1-dev's scheduler_config.json: the time shift grows with the number of tokens. */
const fluxSchedule = {
  _class_name: 'FlowMatchEulerDiscreteScheduler',
  base_image_seq_len: 256,
  base_shift: 0.5,
  max_image_seq_len: 4096,
  max_shift: 1.15,
  num_train_timesteps: 1000,
  shift: 3,
  use_dynamic_shifting: true,
}

/** What stands in FLUX.1-schnell's: no shift at all. */
const schnellSchedule = { ...fluxSchedule, shift: 1, use_dynamic_shifting: false }

/** The schedule of a transformer that comes without one: only dev, which guidance was distilled into, embeds it. */
export const usualSchedule = ({ guidanceEmbeds }: Pick<FluxConfig, 'guidanceEmbeds'>): object =>
  guidanceEmbeds ? fluxSchedule : schnellSchedule

/** What stands in FLUX.1-dev's model_index.json: which class of which library opens each part. */
const modelIndex = {
  _class_name: 'FluxPipeline',
  scheduler: ['diffusers', 'FlowMatchEulerDiscreteScheduler'],
  text_encoder: ['transformers', 'CLIPTextModel'],
  text_encoder_2: ['transformers', 'T5EncoderModel'],
  tokenizer: ['transformers', 'CLIPTokenizer'],
  tokenizer_2: ['transformers', 'T5TokenizerFast'],
  transformer: ['diffusers', 'FluxTransformer2DModel'],
  vae: ['diffusers', 'AutoencoderKL'],
}

/** What differs from model to model. Configs have the keys of their libraries. */
export interface FluxFolderParts {
  readonly transformer: object
  /** Left out where it is written with the weights: scale and shift are measured on them. */
  readonly vae?: object
  readonly clip: object
  readonly t5: object
  /** File name → text, as `clipTokenizerFiles` and `t5TokenizerFiles` make them. */
  readonly clipTokenizer: Readonly<Record<string, string>>
  readonly t5Tokenizer: Readonly<Record<string, string>>
}

/** Path inside the folder → text: configs, tokenizers, and schedule and index as FLUX.1-dev has them. */
export function fluxFolderTexts(parts: FluxFolderParts): Record<string, string> {
  return {
    'model_index.json': json(modelIndex),
    'scheduler/scheduler_config.json': json(fluxSchedule),
    'transformer/config.json': json(parts.transformer),
    ...(parts.vae && { 'vae/config.json': json(parts.vae) }),
    'text_encoder/config.json': json(parts.clip),
    'text_encoder_2/config.json': json(parts.t5),
    ...within('tokenizer', parts.clipTokenizer),
    ...within('tokenizer_2', parts.t5Tokenizer),
  }
}

const json = (value: object): string => `${JSON.stringify(value, null, 2)}\n`

const within = (folder: string, files: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(files).map(([name, text]) => [`${folder}/${name}`, text]))
