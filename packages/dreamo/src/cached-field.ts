// The velocity field for samplers that may skip work: where the first block has changed little, the others are not run.
import { input, type Tensor } from '@dreamgraph/onnx'
import type { Session, TensorData } from '@dreamgraph/runtime'
import { conditioningOf } from './conditioning.js'
import { type FieldConditions, feedsOf, lengthsOf, pointFeeds, symbolsOf } from './field-feeds.js'
import type { Model } from './model.js'
import { runningWeights } from './quantize/running-weights.js'
import { type CacheShapes, cached, firstBlock, otherBlocks, restAgain } from './transformer/first-block-cache.js'
import { type VelocityField, velocityField } from './velocity-field.js'

/** What the last step that ran all blocks left. */
interface Kept {
  readonly previous: TensorData
  readonly rest: TensorData
}

/**
 * The field under these conditions, up to an error that grows with the threshold: a step whose first block adds nearly what
 * it added before (mean change over mean size below `threshold`, 0.05 to 0.2) takes the other blocks' addition from then.
 * A step that tells of responses is computed in full and is not compared.
 */
export function cachedField(model: Model, conditions: FieldConditions, threshold: number): VelocityField {
  const { config } = model.transformer
  const full = velocityField(model, conditions)
  const feeds = feedsOf(model, conditions)
  const conditioning = conditioningOf(model, conditions.text.pooled, true)
  const lengths = lengthsOf(conditions)
  const [keepTokens] = lengths
  const tokens = lengths.reduce((sum, length) => sum + length, 0)
  const shapes = { keepTokens, tokens, textTokens: conditions.text.states.shape[1] }
  const nothing: TensorData = {
    dtype: 'float32',
    shape: [1, keepTokens, config.hiddenSize],
    data: new Float32Array(keepTokens * config.hiddenSize),
  }
  let sessions: Promise<Sessions> | undefined
  let kept: Kept | undefined

  return async (at) => {
    if (at.withResponses && conditions.references.length > 0) return full(at)
    const { signal } = at
    sessions ??= openSessions(model, feeds, { lengths, shapes })
    const { first, others, again } = await sessions
    const point = await pointFeeds(config, conditioning, at)
    const before = await first.run({ ...feeds, ...point, [cached.previous]: kept?.previous ?? nothing }, { signal })
    const change = (before.change.data as Float32Array)[0]
    const streams = { [cached.img]: before.img, modulations: point.modulations }
    if (kept && change < threshold) {
      const { velocity } = await again.run({ ...streams, [cached.rest]: kept.rest }, { signal })
      return { velocity: velocity.data as Float32Array, isReused: true }
    }
    const { cos, sin } = feeds
    const after = await others.run({ ...streams, [cached.txt]: before.txt, cos, sin }, { signal })
    kept = { previous: before.first, rest: after.rest }
    return { velocity: after.velocity.data as Float32Array, isReused: false }
  }
}

type Sessions = Readonly<Record<'first' | 'others' | 'again', Session>>

async function openSessions(
  model: Model,
  feeds: Record<string, TensorData>,
  { lengths, shapes }: { lengths: readonly number[]; shapes: CacheShapes },
): Promise<Sessions> {
  const { config } = model.transformer
  const { parameters, placement: weights } = await runningWeights(model)
  const inputs = symbolsOf(config, feeds, { lengths, ahead: true })
  const modulations = inputs.modulations!
  const of = (what: string, outputs: Readonly<Record<string, Tensor>>): Promise<Session> =>
    model.sessions.of(`transformer, ${what}, ${lengths.join('+')} tokens`, outputs, { weights })
  const rotary = { cos: input('cos', feeds.cos.shape), sin: input('sin', feeds.sin.shape) }
  return {
    first: await of('first block', firstBlock(parameters, config, inputs, shapes.keepTokens)),
    others: await of('other blocks', otherBlocks(parameters, config, { rotary, modulations, shapes })),
    again: await of('cached blocks', restAgain(parameters, config, { modulations, shapes })),
  }
}
