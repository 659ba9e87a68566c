// An opened model: plain data that encode, denoise and decode work on. Adding LoRA gives a new model that shares the rest.

import { join } from 'node:path'
import type { Runtime } from '@dreamgraph/runtime'
import { rows } from '@dreamgraph/weights'
import { type Component, type ComponentKind, openComponent, readJson } from './component.js'
import {
  type ClipConfig,
  type FluxConfig,
  parseSchedulerConfig,
  type SchedulerConfig,
  type T5Config,
  type VaeConfig,
} from './configs.js'
import type { DreamoEmbeddings } from './embeddings.js'
import { DreamoError } from './errors.js'
import { usualSchedule } from './flux-folder.js'
import type { ModelFiles } from './model-files.js'
import type { Adapters } from './parameters.js'
import { defaultHome, type PrepareOptions, type Quantization } from './quantize/schemes.js'
import { suitedScheme } from './quantize/suited-scheme.js'
import { withoutBfloat16 } from './quantize/without-bfloat16.js'
import { Sessions } from './sessions.js'
import { clipTokenTable } from './text/clip.js'
import { t5TokenTable } from './text/t5.js'
import { type TokenTable, tokenTable } from './text/token-table.js'
import { type ClipTokenizer, openClipTokenizer, openT5Tokenizer, type T5Tokenizer } from './tokenizers.js'

export interface LoraRequest {
  /** A LoRA file in any of the known formats. */
  readonly path: string
  /** 1 is as trained; may be negative. */
  readonly weight: number
}

export interface AppliedLora extends LoraRequest {
  readonly format: string
  readonly modules: number
  /** What its scale stands in, where that is another file. */
  readonly configFile?: string
}

export interface Model {
  readonly files: ModelFiles
  readonly transformer: Component<FluxConfig>
  readonly vae: Component<VaeConfig>
  readonly clip: Component<ClipConfig> & { readonly tokenizer: ClipTokenizer; readonly tokens: TokenTable }
  readonly t5: Component<T5Config> & { readonly tokenizer: T5Tokenizer; readonly tokens: TokenTable }
  readonly scheduler: SchedulerConfig
  /** LoRA in the order in which they were added; empty in plain FLUX. */
  readonly loras: readonly AppliedLora[]
  readonly adapters: Adapters
  /** How LoRA enters the transformer: as branches beside the weights, or fused into copies of them. */
  readonly loraMode: 'branches' | 'fused'
  /** Without a scheme, weights run as they are stored. */
  readonly quantization?: Quantization
  /** DreamO's own embeddings; absent in plain FLUX, which takes no references. */
  readonly embeddings?: DreamoEmbeddings
  readonly sessions: Sessions
}

/**
 * Opens every part, checks that the weights match their configs and the parts each other. Runs nothing yet.
 * The transformer is quantized before its first step: where it is asked for, and to fp16 where that suits a GPU.
 * On WebGPU, weights of types that it has not are written once more first, which `options` listens to.
 * Throws weights/*, dreamo/config-*, dreamo/tokenizer-*, dreamo/models-mismatched.
 */
export async function openModel(
  files: ModelFiles,
  runtime: Runtime,
  quantization: Quantization = {},
  options: PrepareOptions = {},
): Promise<Model> {
  const sessions = new Sessions(runtime)
  const { home = defaultHome() } = quantization
  const opened = async <K extends ComponentKind>(kind: K, path: string) =>
    withoutBfloat16(await openComponent(kind, path), sessions, { home, ...options })
  const [transformer, vae, clip, t5, clipTokenizer, t5Tokenizer, schedulerJson] = await Promise.all([
    openComponent('transformer', files.transformer),
    opened('vae', files.vae),
    opened('clip', files.textEncoder),
    opened('t5', files.textEncoder2),
    openClipTokenizer(files.tokenizer),
    openT5Tokenizer(files.tokenizer2),
    files.scheduler ? readJson(join(files.scheduler, 'scheduler_config.json')) : undefined,
  ])
  checkWidth(files, 'T5 width', transformer.config.jointDim, t5.config.hiddenSize)
  checkWidth(files, 'CLIP width', transformer.config.pooledDim, clip.config.hiddenSize)
  checkWidth(files, 'packed latent channels', transformer.config.inChannels, 4 * vae.config.latentChannels)
  if (t5Tokenizer.size > t5.config.vocabSize) {
    const rule = `a tokenizer of at most ${t5.config.vocabSize} tokens`
    throw new DreamoError('dreamo/models-mismatched', `${files.tokenizer2}: expected ${rule}, got ${t5Tokenizer.size}`)
  }
  return {
    files,
    transformer,
    vae,
    clip: { ...clip, tokenizer: clipTokenizer, tokens: tokenTable([clip.weights.get(clipTokenTable)!]) },
    t5: { ...t5, tokenizer: t5Tokenizer, tokens: tokenTable([t5.weights.get(t5TokenTable)!]) },
    scheduler: parseSchedulerConfig(schedulerJson ?? usualSchedule(transformer.config)),
    loras: [],
    adapters: new Map(),
    loraMode: 'branches',
    quantization: {
      ...quantization,
      scheme: quantization.scheme ?? (await suitedScheme(transformer.weights, sessions)),
    },
    sessions,
  }
}

/** T5 with DreamO's ten placeholder rows behind the tokenizer's own; surplus rows of the checkpoint vanish. */
export function withPlaceholders(t5: Model['t5'], { placeholderRows }: DreamoEmbeddings): Model['t5'] {
  const table = t5.weights.get(t5TokenTable)!
  const words = t5.tokenizer.size - t5.tokenizer.placeholderIds.size
  const tokens = tokenTable([rows(table, 0, words), placeholderRows])
  return { ...t5, tokenizer: t5.tokenizer.withPlaceholders(), tokens }
}

function checkWidth(files: ModelFiles, what: string, expected: number, got: number): void {
  if (expected === got) return
  throw new DreamoError('dreamo/models-mismatched', `${files.transformer}: expected ${what} ${expected}, got ${got}`)
}
