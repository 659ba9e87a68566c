// The mini model as files: the layout of FLUX.1-dev, with DreamO's folder inside.
import { join } from 'node:path'
import {
  clipTokenizerFiles,
  fluxFolderTexts,
  MAX_REFERENCES,
  openClipTokenizer,
  openT5Tokenizer,
  t5TokenizerFiles,
} from '@dreamgraph/dreamo'
import { makeFolder, writeFileAtomic } from '@dreamgraph/store'
import { clipPrefix, indexEmbedding, learntAdapter, t5Prefix, writeAdapter } from '@dreamgraph/train'
import { encodeFloats, writeSafetensors } from '@dreamgraph/weights'
import type { Captions } from './captions.js'
import { captionIds } from './captions.js'
import { clipConfig, t5Config, textTokens, transformerConfig, words } from './configs.js'

/** Writes what is not learnt: configs, schedule, tokenizers. */
export async function writeFrame(folder: string): Promise<void> {
  const texts = fluxFolderTexts({
    transformer: transformerConfig,
    clip: clipConfig,
    t5: t5Config,
    clipTokenizer: clipTokenizerFiles(words),
    t5Tokenizer: t5TokenizerFiles(words, textTokens),
  })
  for (const [file, text] of Object.entries(texts)) await writeFileAtomic(join(folder, file), text)
}

export async function openCaptions(folder: string): Promise<Captions> {
  return captionIds({
    t5: await openT5Tokenizer(join(folder, 'tokenizer_2')),
    clip: await openClipTokenizer(join(folder, 'tokenizer')),
  })
}

/** Files of what stage 0 trains, and what stands before their keys while it does. */
export const baseParts = [
  { prefix: `${t5Prefix}.`, file: 'text_encoder_2/model.safetensors' },
  { prefix: `${clipPrefix}.`, file: 'text_encoder/model.safetensors' },
  { prefix: '', file: 'transformer/diffusion_pytorch_model.safetensors' },
] as const

interface Values {
  readonly values: ReadonlyMap<string, Float32Array>
  readonly shapes: ReadonlyMap<string, { readonly shape: readonly number[] }>
}

/** Writes a trained base as bfloat16, each part into its folder. */
export async function writeBase(folder: string, { values, shapes }: Values): Promise<void> {
  const left = new Set(values.keys())
  for (const { prefix, file } of baseParts) {
    const names = [...left].filter((name) => name.startsWith(prefix))
    const tensors = names.map((name) => {
      left.delete(name)
      const data = encodeFloats(values.get(name)!, 'BF16', name)
      return { name: name.slice(prefix.length), dtype: 'BF16' as const, shape: shapes.get(name)!.shape, data }
    })
    await writeSafetensors(join(folder, file), tensors, { format: 'pt' })
  }
}

/** Where DreamO's file lies in a model's folder. */
export const dreamoIn = (folder: string): string => join(folder, 'DreamO/dreamo.safetensors')

/** Writes what an adapter learnt as DreamO's own file. */
export async function writeDreamo(
  folder: string,
  values: ReadonlyMap<string, Float32Array>,
  rank: number,
): Promise<void> {
  const hiddenSize = transformerConfig.num_attention_heads * transformerConfig.attention_head_dim
  // Readers expect an index table; one that did not learn has stayed at zero.
  const unlearnt = [indexEmbedding, new Float32Array((MAX_REFERENCES + 1) * hiddenSize)] as const
  const learnt = learntAdapter(new Map([unlearnt, ...values]), { rank, scale: 1, hiddenSize })
  await makeFolder(join(folder, 'DreamO'))
  await writeAdapter(dreamoIn(folder), learnt, 'dreamo', { dtype: 'BF16' })
}
