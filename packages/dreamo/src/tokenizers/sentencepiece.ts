/** Reads a SentencePiece model (spiece.model) into the tokenizer.json form. Unigram models only, which T5's are. */
import protobuf from 'protobufjs'
import { DreamoError } from '../errors.js'

// The part of sentencepiece_model.proto that decides how text is cut; every other field is skipped.
const { nested } = protobuf.parse(`
  syntax = "proto2";
  message ModelProto {
    message SentencePiece { optional string piece = 1; optional float score = 2; optional int32 type = 3 [default = 1]; }
    message TrainerSpec { optional int32 model_type = 3 [default = 1]; }
    repeated SentencePiece pieces = 1;
    optional TrainerSpec trainer_spec = 2;
  }`).root
const modelProto = (nested as { ModelProto: protobuf.Type }).ModelProto

interface Model {
  pieces: { piece: string; score: number; type: number }[]
  trainerSpec: { modelType: number } | null
}

const UNIGRAM = 1
const UNKNOWN = 2
const CONTROL = 3

/**
 * The tokenizer.json of a T5 SentencePiece model. `extraIds` sentinel tokens `<extra_id_n>` follow the pieces, the
 * highest n first, as transformers adds them. Throws tokenizer-invalid.
 */
export function sentencePieceSpec(bytes: Uint8Array, options: { extraIds: number; where: string }): object {
  const { extraIds, where } = options
  const { pieces, trainerSpec } = decode(bytes, where)
  const unknown = pieces.findIndex(({ type }) => type === UNKNOWN)
  if ((trainerSpec?.modelType ?? UNIGRAM) !== UNIGRAM || unknown < 0) {
    const got = unknown < 0 ? 'no unknown piece' : `model type ${trainerSpec?.modelType}`
    throw new DreamoError('dreamo/tokenizer-invalid', `${where}: expected a unigram model, got ${got}`)
  }
  const control = pieces.flatMap(({ piece, type }, id) =>
    type === CONTROL || type === UNKNOWN ? [{ id, content: piece, special: true, normalized: false }] : [],
  )
  const sentinels = Array.from({ length: extraIds }, (_, i) => ({
    id: pieces.length + i,
    content: `<extra_id_${extraIds - 1 - i}>`,
    special: true,
    normalized: false,
  }))
  return {
    version: '1.0',
    added_tokens: [...control, ...sentinels],
    // T5 was trained with the rule set nmt_nfkc and remove_extra_whitespaces; the library's Precompiled is those rules.
    normalizer: {
      type: 'Sequence',
      normalizers: [{ type: 'Precompiled' }, { type: 'Replace', pattern: { Regex: ' {2,}' }, content: ' ' }],
    },
    pre_tokenizer: { type: 'Metaspace', replacement: '▁', prepend_scheme: 'always', split: true },
    post_processor: null,
    decoder: { type: 'Metaspace', replacement: '▁', prepend_scheme: 'always', split: true },
    model: { type: 'Unigram', unk_id: unknown, vocab: pieces.map(({ piece, score }) => [piece, score]) },
  }
}

function decode(bytes: Uint8Array, where: string): Model {
  try {
    return modelProto.decode(bytes) as unknown as Model
  } catch (cause) {
    const message = `${where}: expected a SentencePiece model, got ${bytes.length} bytes that do not parse`
    throw new DreamoError('dreamo/tokenizer-invalid', message, { cause })
  }
}
