// Makes tokenizers for models that are made here. Any prompt can be encoded, character by character where need be; words
// that the model is trained on are one token each.
import { mergesFor } from './byte-pairs.js'

const clipStart = '<|startoftext|>'
const clipEnd = '<|endoftext|>'

/**
 * CLIP's vocabulary for these words: every byte inside a word, every byte at its end, what the merges make of them, and the
 * two special tokens, the end token last because FLUX pools at the largest id.
 */
export function clipVocabulary(words: readonly string[] = []): string[] {
  const bytes = byteSymbols()
  const made = mergesFor(words).map(([left, right]) => left + right)
  return [...bytes, ...bytes.map((symbol) => `${symbol}</w>`), ...new Set(made), clipStart, clipEnd]
}

/** File name → text, as FLUX.1-dev's tokenizer/ has them. */
export function clipTokenizerFiles(words: readonly string[] = []): Record<string, string> {
  const vocabulary = Object.fromEntries(clipVocabulary(words).map((token, id) => [token, id]))
  const config = { model_max_length: 77, pad_token: clipEnd, tokenizer_class: 'CLIPTokenizer' }
  const merges = mergesFor(words).map((pair) => pair.join(' '))
  return {
    'vocab.json': `${JSON.stringify(vocabulary)}\n`,
    'merges.txt': `${['#version: 0.2', ...merges].join('\n')}\n`,
    'tokenizer_config.json': `${JSON.stringify(config)}\n`,
  }
}

/** Special tokens, the word mark, what a keyboard types, and each word with its mark; everything else is <unk>. */
export function t5Vocabulary(words: readonly string[] = []): string[] {
  const printable = Array.from({ length: 0x7e - 0x20 }, (_, i) => String.fromCharCode(0x21 + i))
  const pieces = words.filter((word) => word.length > 1).map((word) => `▁${word}`)
  return ['<pad>', '</s>', '<unk>', '▁', ...printable, ...pieces]
}

/** File name → text, as FLUX.1-dev's tokenizer_2/ has them. `maxTokens`: length that the model is trained on. */
export function t5TokenizerFiles(words: readonly string[] = [], maxTokens = 512): Record<string, string> {
  const metaspace = { type: 'Metaspace', replacement: '▁', prepend_scheme: 'always', split: true }
  const vocabulary = t5Vocabulary(words)
  const spec = {
    version: '1.0',
    added_tokens: vocabulary.slice(0, 3).map((content, id) => ({ id, content, special: true, normalized: false })),
    normalizer: { type: 'NFKC' },
    pre_tokenizer: metaspace,
    post_processor: null,
    decoder: metaspace,
    // One score for all: the cut with the fewest pieces is the best, so a known word is one piece.
    model: { type: 'Unigram', unk_id: 2, vocab: vocabulary.map((piece, id) => [piece, id < 3 ? 0 : -4]) },
  }
  return {
    'tokenizer.json': `${JSON.stringify(spec)}\n`,
    'tokenizer_config.json': `${JSON.stringify({ model_max_length: maxTokens, tokenizer_class: 'T5TokenizerFast' })}\n`,
  }
}

/** The 256 printable stand-ins of byte-level BPE: a byte that prints stands for itself, the others follow from U+0100 on. */
function byteSymbols(): string[] {
  let next = 0x100
  return Array.from({ length: 256 }, (_, byte) => {
    const prints = (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xff && byte !== 0xad)
    return String.fromCharCode(prints ? byte : next++)
  })
}
