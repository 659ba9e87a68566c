// A prompt becomes what the transformer reads: T5's states for every token and CLIP's pooled state.
import { input } from '@dreamgraph/onnx'
import type { TensorData } from '@dreamgraph/runtime'
import type { Model } from './model.js'
import { parametersOf } from './parameters.js'
import { clipPoolPosition, encodeClip } from './text/clip.js'
import { encodeT5 } from './text/t5.js'

export interface EncodedText {
  readonly prompt: string
  /** T5 states, [1, tokens, jointDim] f32. */
  readonly states: TensorData
  /** CLIP's state at the end-of-text token, [1, pooledDim] f32. */
  readonly pooled: TensorData
}

/** Positions of T5 that FLUX was trained with; padding is attended to like text. */
export const defaultTextTokens = 512

/** Encodes a prompt. Placeholders such as `[ref#1]` are tokens of their own once DreamO's embeddings are loaded. */
export async function encodeText(
  model: Model,
  prompt: string,
  { maxTokens = defaultTextTokens, signal }: { maxTokens?: number; signal?: AbortSignal } = {},
): Promise<EncodedText> {
  const states = await runT5(model, model.t5.tokenizer.encode(prompt, maxTokens), { signal })
  const { pooled } = await runClip(model, model.clip.tokenizer.encode(prompt), { signal })
  return { prompt, states, pooled }
}

/** T5 states of token ids: [ids] → [1, ids, d] f32. */
export async function runT5(
  { t5, sessions }: Model,
  ids: readonly number[],
  { signal }: { signal?: AbortSignal } = {},
): Promise<TensorData> {
  const { config, weights, tokens } = t5
  const shape = [1, ids.length, config.hiddenSize]
  const session = await sessions.built(weights, `T5 ${shape}`, () =>
    sessions.of('T5', { states: encodeT5(parametersOf(weights), config, input('tokens', shape)) }),
  )
  const data = await tokens.lookup(ids)
  return (await session.run({ tokens: { dtype: 'float32', shape, data } }, { signal })).states
}

/** CLIP's last hidden state [1, ids, d] and its row at the end-of-text token [1, d], f32. */
export async function runClip(
  { clip, sessions }: Model,
  ids: readonly number[],
  { signal }: { signal?: AbortSignal } = {},
): Promise<{ states: TensorData; pooled: TensorData }> {
  const { config, weights, tokens } = clip
  const width = config.hiddenSize
  const shape = [1, ids.length, width]
  const session = await sessions.built(weights, `CLIP ${shape}`, () =>
    sessions.of('CLIP', { states: encodeClip(parametersOf(weights), config, input('tokens', shape)) }),
  )
  const data = await tokens.lookup(ids)
  const { states } = await session.run({ tokens: { dtype: 'float32', shape, data } }, { signal })
  const at = clipPoolPosition(config, ids) * width
  const pooled = (states.data as Float32Array).slice(at, at + width)
  return { states, pooled: { dtype: 'float32', shape: [1, width], data: pooled } }
}
