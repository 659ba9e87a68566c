/** The classes of the two DreamO packs: ToTheBeginning/ComfyUI-DreamO, and jax-explorer/ComfyUI-DreamO with its one large node. */
import {
  boolean,
  type ClassDeclaration,
  choice,
  float,
  int,
  link,
  oneOf,
  optional,
  orNone,
  seed,
  text,
} from './declaration.js'

const task = choice('ip', 'id', 'style')
const side = int({ default: 1024, min: 256, max: 2048, step: 16 })

export const dreamoClasses: Readonly<Record<string, ClassDeclaration>> = {
  DreamOProcessorLoader: {
    title: 'DreamO Processor Loader',
    category: 'dreamo',
    inputs: {},
    outputs: [['DREAMO_PROCESSOR', 'DREAMO_PROCESSOR']],
  },
  DreamORefEncode: {
    title: 'DreamO Ref Image Encode',
    category: 'dreamo',
    inputs: {
      pixels: link('IMAGE'),
      vae: link('VAE'),
      dreamo_processor: link('DREAMO_PROCESSOR'),
      // Older files have no resolution, and only the task among their widget values.
      resolution: int({ default: 512, min: 512, max: 1024, step: 16 }),
      ref_task: task,
    },
    outputs: [
      ['LATENT', 'LATENT'],
      ['IMAGE', 'IMAGE'],
    ],
  },
  ApplyDreamO: {
    title: 'Apply DreamO',
    category: 'dreamo',
    inputs: {
      model: link('MODEL'),
      ref1: link('LATENT'),
      ref2: optional(link('LATENT')),
      ref3: optional(link('LATENT')),
    },
    outputs: [['MODEL', 'MODEL']],
  },
}

const loras = {
  cpu_offload: boolean(false),
  dreamo_lora: oneOf('loras'),
  dreamo_cfg_distill: oneOf('loras'),
  turbo_lora: orNone(oneOf('loras')),
  quality_lora_pos: orNone(oneOf('loras')),
  quality_lora_neg: orNone(oneOf('loras')),
  int8: boolean(false),
}

export const dreamoPipeClasses: Readonly<Record<string, ClassDeclaration>> = {
  DreamOLoadModel: {
    title: 'DreamO Load Model',
    category: 'DreamO',
    inputs: { hf_token: text({ default: '', multiline: true }), ...loras },
    outputs: [['DREAMO_PIPE', 'DREAMO_PIPE']],
  },
  DreamOLoadModelFromLocal: {
    title: 'DreamO Load Model From Local',
    category: 'DreamO',
    inputs: { flux_model_path: text({ default: '' }), ...loras },
    outputs: [['DREAMO_PIPE', 'DREAMO_PIPE']],
  },
  BgRmModelLoad: {
    title: 'BgRmModel Load',
    category: 'DreamO',
    inputs: {},
    outputs: [['BG_RM_MODEL', 'BG_RM_MODEL']],
  },
  FaceModelLoad: {
    title: 'FaceModel Load',
    category: 'DreamO',
    inputs: {},
    outputs: [['FACE_HELPER', 'FACE_HELPER']],
  },
  DreamOGenerate: {
    title: 'DreamO Generate',
    category: 'DreamO',
    inputs: {
      pipe: link('DREAMO_PIPE'),
      bg_rm_model: link('BG_RM_MODEL'),
      face_helper: link('FACE_HELPER'),
      ref_image1: link('IMAGE'),
      ref_task1: task,
      prompt: text({ multiline: true }),
      width: side,
      height: side,
      num_steps: int({ default: 12, min: 1, max: 100, step: 1 }),
      guidance: float({ default: 3.5, min: 0, max: 10, step: 0.1 }),
      seed: seed(-1),
      ref_image2: optional(link('IMAGE')),
      ref_task2: optional(task),
    },
    outputs: [['IMAGE', 'IMAGE']],
  },
}
