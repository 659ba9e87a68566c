// Both branches of true CFG in one pass of the transformer: its weights are read once for the two, and a small model gets enough
// to do at a time.
import { concat, constant, constantInt64, gather, input, type Tensor } from '@dreamgraph/onnx'
import type { Session, TensorData } from '@dreamgraph/runtime'
import { conditioningOf, conditionSymbols } from './conditioning.js'
import type { EncodedText } from './encode-text.js'
import {
  type FieldConditions,
  type FieldPoint,
  feedsOf,
  floats,
  latentFeed,
  lengthsOf,
  sequenceTokens,
} from './field-feeds.js'
import { graphKey, shapesOf } from './graph-key.js'
import { joined } from './joined.js'
import type { Model } from './model.js'
import { isAhead } from './modulations.js'
import { runningWeights } from './quantize/running-weights.js'
import { responsesReader } from './read-responses.js'
import type { Sequences } from './transformer/sequences.js'
import { type TransformerInputs, transformer } from './transformer/transformer.js'
import { type FieldValue, mostInPass, outputsOf } from './velocity-field.js'

export interface GuidedPoint extends FieldPoint {
  /** Guidance embedding of the negative branch. */
  readonly negativeGuidance: number
}

export interface GuidedValue extends FieldValue {
  /** [tokens, inChannels] f32 */
  readonly negativeVelocity: Float32Array
}

export type GuidedField = (at: GuidedPoint) => Promise<GuidedValue>

/**
 * The field under conditions, and under another text alone. On a CPU both velocities are, to the byte, those of `velocityField`.
 * Undefined where there are so many tokens that it would gain nothing.
 */
export function guidedField(model: Model, positive: FieldConditions, text: EncodedText): GuidedField | undefined {
  const { config } = model.transformer
  const { grid } = positive
  const negative: FieldConditions = { grid, text, references: [], hasRows: false }
  const both = [positive, negative]
  const tokens = both.reduce((sum, one) => sum + sequenceTokens(one), 0)
  if (mostInPass(config, tokens) < 1) return undefined
  const sequences: Sequences = {
    text: both.map((one) => one.text.states.shape[1]),
    image: both.map((one) => lengthsOf(one).reduce((sum, length) => sum + length, 0)),
  }
  const lengths = lengthsOf(positive)
  const [imageTokens] = lengths
  const feeds = sideBySide(
    both.map((one) => feedsOf(model, one)),
    sequences,
  )
  const ahead = positive.ahead ?? isAhead(config)
  const prompts = both.map((one) => one.text.pooled)
  const conditioning = conditioningOf(model, prompts, ahead)
  const slots = positive.references.map(({ slot }) => slot)
  let hasResponses = false // as in velocityField

  return async ({ latents, sigma, guidance, negativeGuidance, withResponses = false, signal, ...at }) => {
    const isRead = withResponses && slots.length > 0
    hasResponses ||= isRead
    const later = at.ahead?.map((point) => ({ sigma: point.sigma, guidance: [point.guidance, negativeGuidance] }))
    const conditions = await conditioning({ sigma, guidance: [guidance, negativeGuidance] }, { ahead: later, signal })
    const all = { ...feeds, latents: latentFeed(config, latents), ...conditions }
    const session = await open(all)
    const results = await session.run(all, { signal, outputs: outputsOf(isRead) })
    const values = results.velocity.data as Float32Array
    const velocities = {
      velocity: values.slice(0, values.length / 2),
      negativeVelocity: values.slice(values.length / 2),
    }
    if (!isRead) return velocities
    const { data, shape } = results.responses // [layers, 1, references, tokens]
    return { ...velocities, responses: { layers: shape[0], slots, grid, data: data as Float32Array } }
  }

  function open(all: Record<string, TensorData>): Promise<Session> {
    const name = `transformer, ${lengths.join('+')} tokens and ${sequences.image[1]} without references`
    return model.sessions.built(
      model.transformer.weights,
      graphKey(model, shapesOf(all), name, sequences, hasResponses),
      async () => {
        const { parameters, placement: weights } = await runningWeights(model)
        const reader = hasResponses ? responsesReader(sequences.text[0], lengths) : undefined
        const velocity = transformer(parameters, config, symbols(), { keepTokens: imageTokens, read: reader?.read })
        if (!reader) return model.sessions.of(name, { velocity }, { weights })
        return model.sessions.of(`${name}, with responses`, { velocity, responses: reader.responses() }, { weights })
      },
    )
  }

  function symbols(): TransformerInputs {
    const of = (name: string): Tensor => input(name, feeds[name].shape)
    const image = input('latents', [1, imageTokens, config.inChannels])
    const segmentOf = lengths.flatMap((length, segment) => Array.from({ length }, () => segment))
    const rows = feeds.segments && [
      gather(of('segments'), constantInt64(segmentOf)),
      constant(0, [imageTokens, config.hiddenSize]), // the negative branch knows none
    ]
    return {
      latents: concat([image, ...(feeds.references ? [of('references')] : []), image], { axis: 1 }),
      text: of('text'),
      ...conditionSymbols(config, both.length, ahead),
      rows: rows && concat(rows, { axis: 0 }),
      rotary: { cos: of('cos'), sin: of('sin') },
      sequences,
    }
  }
}

/** Feeds of two sequences as those of one evaluation: texts, then images, one behind the other. */
function sideBySide(
  [positive, negative]: readonly Record<string, TensorData>[],
  { text: [textTokens, otherTextTokens] }: Sequences,
): Record<string, TensorData> {
  const rotary = (name: 'cos' | 'sin'): TensorData => {
    const [a, b] = [positive[name], negative[name]]
    const [own, other] = [rowsOf(a, 0, textTokens), rowsOf(b, 0, otherTextTokens)]
    const [image, otherImage] = [rowsOf(a, textTokens, a.shape[0]), rowsOf(b, otherTextTokens, b.shape[0])]
    return floats([a.shape[0] + b.shape[0], a.shape[1]], joined([own, other, image, otherImage]))
  }
  const values = (name: string): Float32Array =>
    joined([positive, negative].map((feeds) => feeds[name].data as Float32Array))
  const { segments, references } = positive
  return {
    text: floats([1, textTokens + otherTextTokens, positive.text.shape[2]], values('text')),
    cos: rotary('cos'),
    sin: rotary('sin'),
    ...(segments && { segments }),
    ...(references && { references }),
  }
}

const rowsOf = ({ shape, data }: TensorData, from: number, to: number): Float32Array =>
  (data as Float32Array).subarray(from * shape[1], to * shape[1])
