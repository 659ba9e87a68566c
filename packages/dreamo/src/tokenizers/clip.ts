/** CLIP's tokenizer, from vocab.json + merges.txt (all that FLUX.1-dev's tokenizer/ has) or from a tokenizer.json. */
import { join } from 'node:path'
import { Tokenizer } from '@huggingface/tokenizers'
import { z } from 'zod'
import { DreamoError } from '../errors.js'
import { parseTokenizerJson, readOptional, requiredId, specialToken } from './files.js'

export interface ClipTokenizer {
  /** Tokens of every encoded prompt, start and end included: 77. */
  readonly maxTokens: number
  /** Ids of a prompt: start, at most maxTokens - 2 tokens, end, padding. Always maxTokens long. */
  encode(prompt: string): number[]
  /** How many ids the whole prompt would need, start and end included; more than maxTokens are cut off. */
  count(prompt: string): number
}

const START = '<|startoftext|>'
const END = '<|endoftext|>'

const configSchema = z.object({
  model_max_length: z.number().min(2).optional(), // start and end at least; transformers writes 1e30 for "unknown"
  pad_token: specialToken,
})

/** Opens a CLIP tokenizer folder. Throws tokenizer-missing, tokenizer-invalid. */
export async function openClipTokenizer(folder: string): Promise<ClipTokenizer> {
  const configBytes = await readOptional(folder, 'tokenizer_config.json')
  const configPath = join(folder, 'tokenizer_config.json')
  const config = configBytes ? parseTokenizerJson(configBytes, configSchema, configPath) : {}
  const tokenizer = buildTokenizer(await readSpec(folder), folder)
  const start = requiredId(tokenizer.token_to_id(START), START, folder)
  const end = requiredId(tokenizer.token_to_id(END), END, folder)
  // FLUX pads with the end token; some other CLIPs pad with "!", and without a mask that shows in the pooled state.
  const pad = requiredId(tokenizer.token_to_id(config.pad_token ?? END), config.pad_token ?? END, folder)
  // 77 positions were trained.
  const maxTokens = Math.min(77, Math.floor(config.model_max_length ?? 77))
  const tokenize = (prompt: string) => tokenizer.encode(prompt, { add_special_tokens: false }).ids
  return {
    maxTokens,
    encode(prompt) {
      const ids = [start, ...tokenize(prompt).slice(0, maxTokens - 2), end]
      return [...ids, ...new Array<number>(maxTokens - ids.length).fill(pad)]
    },
    count: (prompt) => tokenize(prompt).length + 2,
  }
}

function buildTokenizer(spec: object, folder: string): Tokenizer {
  try {
    return new Tokenizer(spec, {})
  } catch (cause) {
    const message = `${folder}: expected a CLIP tokenizer, got: ${(cause as Error).message}`
    throw new DreamoError('dreamo/tokenizer-invalid', message, { cause })
  }
}

/** The tokenizer.json of a folder, made from vocab.json and merges.txt where it has none. */
async function readSpec(folder: string): Promise<object> {
  const ready = await readOptional(folder, 'tokenizer.json')
  if (ready) return parseTokenizerJson(ready, z.looseObject({}), join(folder, 'tokenizer.json'))
  const vocabBytes = await readOptional(folder, 'vocab.json')
  const mergesBytes = await readOptional(folder, 'merges.txt')
  if (!vocabBytes || !mergesBytes) {
    const got = !vocabBytes && !mergesBytes ? 'neither' : `no ${vocabBytes ? 'merges.txt' : 'vocab.json'}`
    const rule = 'vocab.json and merges.txt (or tokenizer.json) of the CLIP tokenizer'
    throw new DreamoError('dreamo/tokenizer-missing', `${folder}: expected ${rule}, got ${got}`)
  }
  const vocab = parseTokenizerJson(vocabBytes, z.record(z.string(), z.int().min(0)), join(folder, 'vocab.json'))
  return clipSpec(vocab, parseMerges(mergesBytes.toString('utf8'), join(folder, 'merges.txt')), folder)
}

/** One merge a line, best first, after a version comment. */
function parseMerges(text: string, where: string): string[] {
  const merges = text.split(/\r?\n/).filter((line) => line !== '' && !line.startsWith('#version'))
  const wrong = merges.find((line) => !/^\S+ \S+$/.test(line))
  if (wrong === undefined) return merges
  const got = JSON.stringify(wrong.slice(0, 40))
  throw new DreamoError('dreamo/tokenizer-invalid', `${where}: expected two symbols a line, got ${got}`)
}

/**
 * CLIP's text pipeline as transformers' CLIPTokenizer builds it: NFC, runs of white space to one space, lower case;
 * split into contractions, letters, single digits and the rest; byte-level BPE whose words end in `</w>`.
 * OpenAI's original also repaired mojibake with ftfy; transformers without ftfy does not, and neither do we.
 */
function clipSpec(vocab: Record<string, number>, merges: string[], where: string): object {
  return {
    version: '1.0',
    added_tokens: [START, END].map((content) => ({
      id: requiredId(vocab[content], content, where),
      content,
      special: true,
      normalized: false,
    })),
    normalizer: {
      type: 'Sequence',
      normalizers: [
        { type: 'NFC' },
        { type: 'Replace', pattern: { Regex: '\\s+' }, content: ' ' },
        { type: 'Lowercase' },
      ],
    },
    pre_tokenizer: {
      type: 'Sequence',
      pretokenizers: [
        {
          type: 'Split',
          pattern: { Regex: "'s|'t|'re|'ve|'m|'ll|'d|[\\p{L}]+|[\\p{N}]|[^\\s\\p{L}\\p{N}]+" },
          behavior: 'Removed',
          invert: true,
        },
        { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true },
      ],
    },
    post_processor: null,
    decoder: { type: 'ByteLevel' },
    model: {
      type: 'BPE',
      unk_token: END,
      continuing_subword_prefix: '',
      end_of_word_suffix: '</w>',
      fuse_unk: false,
      vocab,
      merges,
    },
  }
}
