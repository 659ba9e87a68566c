/** The two tokenizers of FLUX; each lives in its own file of tokenizers/. */
export { type ClipTokenizer, openClipTokenizer } from './tokenizers/clip.js'
export { openT5Tokenizer, type T5Tokenizer } from './tokenizers/t5.js'
