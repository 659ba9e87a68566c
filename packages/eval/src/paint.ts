// Pictures of a model for the prompts of the set, and what it looks at while it makes them.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  decodePicture,
  defaultTextTokens,
  denoise,
  type EncodedReference,
  type EncodedText,
  encodeReference,
  encodeText,
  gaussianNoise,
  type LatentShape,
  type Model,
  packLatents,
  type TokenGrid,
  unpackLatents,
} from '@dreamgraph/dreamo'
import { type Picture, targetSizePx } from '@dreamgraph/world'
import type { Prompt } from './prompts.js'

export interface Sampling {
  readonly steps: number
  /** Distilled guidance; nothing to models without its embedding. */
  readonly guidance: number
  /** True guidance against an empty prompt without references; nothing at 1, the default. */
  readonly trueCfg?: number
  /** Positions of T5; those that the model's tokenizer names unless told. */
  readonly textTokens?: number
  readonly signal?: AbortSignal
}

/** What a prompt gives a model: text and references, encoded. */
export interface Conditions {
  readonly text: EncodedText
  readonly references: readonly EncodedReference[]
  /** The empty prompt, for true guidance. */
  readonly negative: EncodedText
}

/** Encodes a prompt. References enter as they are drawn: on white, and of a size that the model takes. */
export async function conditionsOf(
  model: Model,
  { sample }: Pick<Prompt, 'sample'>,
  { textTokens, signal }: Pick<Sampling, 'textTokens' | 'signal'>,
): Promise<Conditions> {
  const maxTokens = textTokens ?? (await textTokensOf(model))
  const text = await encodeText(model, sample.caption, { maxTokens, signal })
  const negative = await encodeText(model, '', { maxTokens, signal })
  const references: EncodedReference[] = []
  for (const { slot, task, picture } of sample.references) {
    const image = { ...picture, channels: 3 as const }
    references.push(await encodeReference(model, { slot, task, image }, { draw: { kind: 'mode' }, signal }))
  }
  return { text, references, negative }
}

/** Denoises and decodes one picture of 128 × 128 pixels. The same arguments give the same bytes. */
export async function paint(
  model: Model,
  { text, references, negative }: Conditions,
  { seed, steps, guidance, trueCfg: scale = 1, signal }: Sampling & { readonly seed: bigint },
): Promise<Picture> {
  const { shape, grid } = targetLatents(model)
  const length = shape.channels * shape.height * shape.width
  const noise = packLatents(gaussianNoise(length, { seed, stream: 'latent', index: 0 }), shape)
  const trueCfg = scale > 1 ? { negative, scale, startStep: 0, endStep: steps, guidance } : undefined
  const latents = await denoise(model, { text, references, noise, grid, steps, guidance, trueCfg, signal })
  const data = unpackLatents(latents, shape)
  const { channels, height, width } = shape
  return decodePicture(model, { channels, height, width, data }, { signal })
}

/** Latents of a picture of the world in the model's terms. */
export function targetLatents({ vae: { config } }: Model): { shape: LatentShape; grid: TokenGrid } {
  const side = targetSizePx / config.downscale
  return {
    shape: { batch: 1, channels: config.latentChannels, height: side, width: side },
    grid: { rows: side / 2, columns: side / 2 },
  }
}

/** The length that the T5 tokenizer of a model names, at most FLUX's own. */
async function textTokensOf({ files }: Model): Promise<number> {
  const text = await readFile(join(files.tokenizer2, 'tokenizer_config.json'), 'utf8').catch(() => '{}')
  const { model_max_length: length = defaultTextTokens } = JSON.parse(text) as { model_max_length?: number }
  return Math.min(length, defaultTextTokens)
}
