// Tokenizers that know single characters only: any prompt can be encoded, and no vocabulary has to be shipped.

const clipStart = '<|startoftext|>'
const clipEnd = '<|endoftext|>'

/**
 * CLIP's vocabulary without merges: every byte inside a word, every byte at its end, and the two special tokens, the
 * end token last because FLUX pools at the largest id.
 */
export function clipVocabulary(): string[] {
  const bytes = byteSymbols()
  return [...bytes, ...bytes.map((symbol) => `${symbol}</w>`), clipStart, clipEnd]
}

/** File name → text, as FLUX.1-dev's tokenizer/ has them. */
export function clipTokenizerFiles(): Record<string, string> {
  const vocabulary = Object.fromEntries(clipVocabulary().map((token, id) => [token, id]))
  const config = { model_max_length: 77, pad_token: clipEnd, tokenizer_class: 'CLIPTokenizer' }
  return {
    'vocab.json': `${JSON.stringify(vocabulary)}\n`,
    'merges.txt': '#version: 0.2\n',
    'tokenizer_config.json': `${JSON.stringify(config)}\n`,
  }
}

/** Special tokens, the word mark, and what a keyboard types; everything else is <unk>. */
export function t5Vocabulary(): string[] {
  const printable = Array.from({ length: 0x7e - 0x20 }, (_, i) => String.fromCharCode(0x21 + i))
  return ['<pad>', '</s>', '<unk>', '▁', ...printable]
}

/** File name → text, as FLUX.1-dev's tokenizer_2/ has them. */
export function t5TokenizerFiles(): Record<string, string> {
  const metaspace = { type: 'Metaspace', replacement: '▁', prepend_scheme: 'always', split: true }
  const spec = {
    version: '1.0',
    added_tokens: t5Vocabulary()
      .slice(0, 3)
      .map((content, id) => ({ id, content, special: true, normalized: false })),
    normalizer: { type: 'NFKC' },
    pre_tokenizer: metaspace,
    post_processor: null,
    decoder: metaspace,
    // One score for all: no cut of a word is better than any other, and each is into characters.
    model: { type: 'Unigram', unk_id: 2, vocab: t5Vocabulary().map((piece, id) => [piece, id < 3 ? 0 : -4]) },
  }
  return {
    'tokenizer.json': `${JSON.stringify(spec)}\n`,
    'tokenizer_config.json': `${JSON.stringify({ model_max_length: 512, tokenizer_class: 'T5TokenizerFast' })}\n`,
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
