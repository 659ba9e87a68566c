// Text encoders inside the training graph: a T5 and a CLIP that learn with the base, and a frozen T5 through which
// DreamO's placeholder rows learn. A model without them is fed what its encoders have computed before.
import {
  type ClipConfig,
  clipPoolPosition,
  clipTokenTable,
  encodeClip,
  encodeT5,
  type Model,
  type Parameters,
  PLACEHOLDER_TOKENS,
  parametersOf,
  type T5Config,
  t5TokenTable,
} from '@dreamgraph/dreamo'
import { add, gather, input, matmul, reshape, type Tensor } from '@dreamgraph/onnx'
import type { TensorData } from '@dreamgraph/runtime'

/** One batch of captions as token ids, all alike in length: [B][T]. */
export type TokenIds = readonly (readonly number[])[]

export interface TextEncoder {
  /** What the transformer reads, for B captions of T tokens: T5's states [B, T, width], CLIP's pooled state [B, width]. */
  encode(samples: number, tokens: number): Tensor
  /** The inputs of `encode` for these captions. */
  feeds(ids: TokenIds): Promise<Record<string, TensorData>>
}

/** T5 whose weights and token table come from `parameters`. */
export function t5InGraph(parameters: Parameters, config: T5Config): TextEncoder {
  return {
    encode(samples, tokens) {
      const table = parameters.weight(t5TokenTable, [config.vocabSize, config.hiddenSize])
      return encodeT5(parameters, config, gather(table, input('textIds', [samples, tokens], 'int64')))
    },
    feeds: async (ids) => ({ textIds: integers(ids) }),
  }
}

/** CLIP whose weights and token table come from `parameters`, pooled at the end-of-text token. */
export function clipInGraph(parameters: Parameters, config: ClipConfig): TextEncoder {
  return {
    encode(samples, tokens) {
      const table = parameters.weight(clipTokenTable, [config.vocabSize, config.hiddenSize])
      const embedded = gather(table, input('pooledIds', [samples, tokens], 'int64'))
      const states = encodeClip(parameters, config, embedded) // [B, T, width]
      const pooled = matmul(input('pooledAt', [samples, 1, tokens]), states) // [B, 1, width]
      return reshape(pooled, { shape: [samples, config.hiddenSize] })
    },
    async feeds(ids) {
      const choices = ids.map((row) => row.map((_, at) => (at === clipPoolPosition(config, row) ? 1 : 0)))
      return { pooledIds: integers(ids), pooledAt: floats([ids.length, 1, ids[0].length], choices.flat()) }
    },
  }
}

/** A frozen T5 of a model; `rows` [10, width] are the embeddings of its ten placeholders and learn. */
export function t5WithPlaceholders(t5: Model['t5'], rows: Tensor): TextEncoder {
  const { placeholderIds } = t5.tokenizer.withPlaceholders()
  return placeholdersInGraph({
    parameters: parametersOf(t5.weights),
    config: t5.config,
    lookup: (ids) => t5.tokens.lookup(ids),
    rows,
    ids: PLACEHOLDER_TOKENS.map((token) => placeholderIds.get(token)!),
  })
}

export interface PlaceholderWords {
  readonly parameters: Parameters
  readonly config: T5Config
  /** Embeddings of words, [ids, width], which do not learn. */
  readonly lookup: (ids: readonly number[]) => Promise<Float32Array>
  /** Embeddings of the placeholders, [placeholders, width]. */
  readonly rows: Tensor
  /** The id of each placeholder. */
  readonly ids: readonly number[]
}

/** T5 that is fed embedded words, and rows of placeholders where those stand, so that no table of words is in the graph. */
export function placeholdersInGraph({ parameters, config, lookup, rows, ids }: PlaceholderWords): TextEncoder {
  const places = ids.length
  const width = config.hiddenSize
  return {
    encode(samples, tokens) {
      const words = input('words', [samples, tokens, width])
      const embedded = add(words, matmul(input('placeholderRows', [samples, tokens, places]), rows))
      return encodeT5(parameters, config, embedded)
    },
    async feeds(captions) {
      const all = captions.flat()
      const words = await lookup(all.map((id) => (ids.includes(id) ? config.padTokenId : id)))
      const choices = new Float32Array(all.length * places)
      for (const [i, id] of all.entries()) {
        const row = ids.indexOf(id)
        if (row < 0) continue
        choices[i * places + row] = 1
        words.fill(0, i * width, (i + 1) * width)
      }
      const shape = [captions.length, captions[0].length]
      return { words: floats([...shape, width], words), placeholderRows: floats([...shape, places], choices) }
    },
  }
}

const floats = (shape: readonly number[], data: ArrayLike<number>): TensorData => ({
  dtype: 'float32',
  shape,
  data: data instanceof Float32Array ? data : Float32Array.from(data),
})

const integers = (ids: TokenIds): TensorData => ({
  dtype: 'int64',
  shape: [ids.length, ids[0].length],
  data: BigInt64Array.from(ids.flat(), BigInt),
})
