// Pictures and captions as the transformer reads them, by the frozen encoders of a model.
import {
  encodePicture,
  encodeText,
  type Model,
  packReference,
  placeholderToken,
  type RgbImage,
} from '@dreamgraph/dreamo'

export interface EncodedCaption {
  /** T5 states, [tokens, width]. */
  readonly states: Float32Array
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

/** Encodes with a model that has DreamO's placeholders. `textTokens`: length that captions are padded or cut to. */
export function sampleEncoder(model: Model, { textTokens }: { textTokens: number }): SampleEncoder {
  const { tokenizer } = model.t5
  return {
    textTokens,
    picture: async (image) => packReference(await encodePicture(model, image)).tokens,
    async caption(text) {
      const ids = tokenizer.encode(text, textTokens)
      const { states, pooled } = await encodeText(model, text, { maxTokens: textTokens })
      return {
        states: states.data as Float32Array,
        pooled: pooled.data as Float32Array,
        placeholderAt(slot) {
          const at = ids.indexOf(tokenizer.placeholderIds.get(placeholderToken(slot)) ?? -1)
          return at < 0 ? undefined : at
        },
      }
    },
  }
}
