/** T5's tokenizer, plain or with DreamO's ten placeholders, from a tokenizer.json or, failing that, from spiece.model. */
import { join } from 'node:path'
import { Tokenizer } from '@huggingface/tokenizers'
import { z } from 'zod'
import { DreamoError } from '../errors.js'
import { PLACEHOLDER_TOKENS } from '../placeholders.js'
import { parseTokenizerJson, readOptional, requiredId } from './files.js'
import { sentencePieceSpec } from './sentencepiece.js'

export interface T5Tokenizer {
  /** Number of tokens, Python's len(tokenizer): 32100 for FLUX, fewer than the checkpoint has rows. */
  readonly size: number
  /** Id of each placeholder token; empty before withPlaceholders, where they are plain text. */
  readonly placeholderIds: ReadonlyMap<string, number>
  /** Ids of a prompt: at most maxTokens - 1 tokens, `</s>`, padding. Always maxTokens long. Throws prompt-invalid. */
  encode(prompt: string, maxTokens: number): number[]
  /** How many ids the whole prompt would need, `</s>` included; more than maxTokens are cut off. */
  count(prompt: string): number
  /** The same tokenizer with DreamO's ten placeholders as ids size … size + 9. */
  withPlaceholders(): T5Tokenizer
}

const END = '</s>'
const PAD = '<pad>'

/** Opens a T5 tokenizer folder. Throws tokenizer-missing, tokenizer-invalid. */
export async function openT5Tokenizer(folder: string): Promise<T5Tokenizer> {
  return t5Tokenizer(await readSpec(folder), folder, new Map())
}

function t5Tokenizer(spec: Spec, folder: string, placeholderIds: ReadonlyMap<string, number>): T5Tokenizer {
  const tokenizer = build(spec, folder)
  const size = tokenizer.get_vocab(true).size
  const end = requiredId(tokenizer.token_to_id(END), END, folder)
  const pad = requiredId(tokenizer.token_to_id(PAD), PAD, folder)
  const tokenize = (prompt: string) => tokenizer.encode(prompt, { add_special_tokens: false }).ids
  return {
    size,
    placeholderIds,
    encode(prompt, maxTokens) {
      if (!(Number.isInteger(maxTokens) && maxTokens >= 1)) {
        const message = `T5 tokens: expected a whole number from 1 on, got ${maxTokens}`
        throw new DreamoError('dreamo/prompt-invalid', message)
      }
      const ids = [...tokenize(prompt).slice(0, maxTokens - 1), end]
      return [...ids, ...new Array<number>(maxTokens - ids.length).fill(pad)]
    },
    count: (prompt) => tokenize(prompt).length + 1,
    withPlaceholders() {
      if (placeholderIds.size > 0) return this
      const ids = new Map(PLACEHOLDER_TOKENS.map((token, i) => [token, size + i]))
      return t5Tokenizer(addTokens(spec, ids), folder, ids)
    },
  }
}

const normalizerSchema = z.looseObject({ type: z.string() })
const specSchema = z.looseObject({
  added_tokens: z.array(z.looseObject({ id: z.int().min(0), content: z.string() })).default([]),
  normalizer: normalizerSchema.nullish(),
  model: z.looseObject({
    type: z.literal('Unigram'),
    unk_id: z.int().min(0),
    vocab: z.array(z.tuple([z.string(), z.number()])).min(1),
  }),
})
type Spec = z.output<typeof specSchema>

async function readSpec(folder: string): Promise<Spec> {
  const ready = await readOptional(folder, 'tokenizer.json')
  if (ready) return parseTokenizerJson(ready, specSchema, join(folder, 'tokenizer.json'))
  const pieces = await readOptional(folder, 'spiece.model')
  if (!pieces) {
    const rule = 'tokenizer.json or spiece.model of the T5 tokenizer'
    throw new DreamoError('dreamo/tokenizer-missing', `${folder}: expected ${rule}, got neither`)
  }
  const configBytes = await readOptional(folder, 'tokenizer_config.json')
  const configPath = join(folder, 'tokenizer_config.json')
  const configSchema = z.object({ extra_ids: z.int().min(0).default(100) }) // 32000 pieces + 100 = 32100
  const { extra_ids: extraIds } = configSchema.parse(
    configBytes ? parseTokenizerJson(configBytes, configSchema, configPath) : {},
  )
  return specSchema.parse(sentencePieceSpec(pieces, { extraIds, where: join(folder, 'spiece.model') }))
}

/** As tokenizer.add_tokens(…, special_tokens=False): tokens that are not special and looked for after normalisation. */
function addTokens(spec: Spec, ids: ReadonlyMap<string, number>): Spec {
  const added = Array.from(ids, ([content, id]) => ({ id, content, special: false, normalized: true }))
  return { ...spec, added_tokens: [...spec.added_tokens, ...added] }
}

function build(spec: Spec, folder: string): Tokenizer {
  try {
    return new Tokenizer({ ...spec, normalizer: spec.normalizer && spellOutNmt(spec.normalizer) }, {})
  } catch (cause) {
    const message = `${folder}: expected a T5 tokenizer, got: ${(cause as Error).message}`
    throw new DreamoError('dreamo/tokenizer-invalid', message, { cause })
  }
}

/**
 * The library lacks the `Nmt` normalizer that tokenizers trained with the Rust crate carry. It drops control characters
 * and turns unusual white space, zero-width characters and ▁ into spaces; that is two replacements.
 */
function spellOutNmt(normalizer: z.output<typeof normalizerSchema>): object {
  if (normalizer.type === 'Sequence') {
    const parts = z.array(normalizerSchema).parse(normalizer.normalizers)
    return { ...normalizer, normalizers: parts.map(spellOutNmt) }
  }
  if (normalizer.type !== 'Nmt') return normalizer
  const control = '[\\x01-\\x08\\x0B\\x0E-\\x1F\\x7F\\x8F\\x9F]'
  const space = '[\\t\\n\\f\\r\\u1680\\u200B-\\u200F\\u2028\\u2029\\u2581\\uFEFF\\uFFFD]'
  return {
    type: 'Sequence',
    normalizers: [
      { type: 'Replace', pattern: { Regex: control }, content: '' },
      { type: 'Replace', pattern: { Regex: space }, content: ' ' },
    ],
  }
}
