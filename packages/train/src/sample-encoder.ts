// Pictures and captions as the transformer reads them, by the frozen encoders of a model.
import {
  encodePicture,
  encodeText,
  type Model,
  packReference,
  placeholderToken,
  type RgbImage,
  runClip,
} from '@dreamgraph/dreamo'

export interface EncodedCaption {
  /** T5's states, [tokens, width]; or token ids, [tokens], for a T5 inside the training graph. */
  readonly text: Float32Array | readonly number[]
  /** CLIP's pooled state, [width]. */
  readonly pooled: Float32Array
  /** Text token of the placeholder of a slot; undefined where the caption does not name it. */
  placeholderAt(slot: number): number | undefined
}

export interface SampleEncoder {
  readonly textTokens: number
  /** Packed latents of a picture, [tokens, channels]: the mean of the autoencoder's distribution. */
  picture(image: RgbImage): Promise<Float32Array>
  caption(text: string): Promise<EncodedCaption>
}

export interface SampleEncoderOptions {
  /** Length that captions are padded or cut to. */
  readonly textTokens: number
  /** Token ids instead of T5's states: for a model that has its T5 inside the graph. Default false. */
  readonly textAsIds?: boolean
}

/** Encodes with a model whose T5 has DreamO's placeholders. */
export function sampleEncoder(model: Model, { textTokens, textAsIds = false }: SampleEncoderOptions): SampleEncoder {
  const { tokenizer } = model.t5
  const encode = async (text: string, ids: readonly number[]): Promise<Pick<EncodedCaption, 'text' | 'pooled'>> => {
    if (textAsIds) {
      const { pooled } = await runClip(model, model.clip.tokenizer.encode(text))
      return { text: ids, pooled: pooled.data as Float32Array }
    }
    const { states, pooled } = await encodeText(model, text, { maxTokens: textTokens })
    return { text: states.data as Float32Array, pooled: pooled.data as Float32Array }
  }
  return {
    textTokens,
    picture: async (image) => packReference(await encodePicture(model, image)).tokens,
    async caption(text) {
      const ids = tokenizer.encode(text, textTokens)
      return {
        ...(await encode(text, ids)),
        placeholderAt(slot) {
          const at = ids.indexOf(tokenizer.placeholderIds.get(placeholderToken(slot)) ?? -1)
          return at < 0 ? undefined : at
        },
      }
    },
  }
}

/** Memory that a caption takes, to keep it or not. */
export function captionBytes({ text, pooled }: EncodedCaption): number {
  return pooled.byteLength + (text instanceof Float32Array ? text.byteLength : 8 * text.length)
}
