import { concat, type Graph, graph, input, memoryOf, type Tensor } from '@dreamgraph/onnx'
import { expect, test } from 'vitest'
import { parseFluxConfig } from '../configs.js'
import { sequenceSpans } from '../losses/attention-heads.js'
import { layerMaps } from '../losses/routing.js'
import type { Parameters } from '../parameters.js'
import { transformer } from './transformer.js'

const config = parseFluxConfig({
  num_layers: 6,
  num_single_layers: 6,
  num_attention_heads: 2,
  attention_head_dim: 16,
  axes_dims_rope: [4, 6, 6],
  joint_attention_dim: 12,
  pooled_projection_dim: 10,
})
const [textTokens, imageTokens, tokens] = [8, 1024, 1280]
const spans = sequenceSpans(textTokens, {
  image: { start: 0, count: imageTokens },
  references: [{ start: imageTokens, count: tokens - imageTokens }],
})

/** With the maps before or behind the velocity, or without them. */
function build(place?: 'first' | 'last'): Graph {
  const weights = new Map<string, Tensor>()
  const parameters: Parameters = {
    weight(key, shape) {
      weights.set(key, weights.get(key) ?? input(key, shape))
      return weights.get(key)!
    },
    branches: () => [],
  }
  const of = (name: string, ...shape: number[]): Tensor => input(name, shape)
  const maps: Tensor[] = []
  const velocity = transformer(
    parameters,
    config,
    {
      latents: of('latents', 1, tokens, config.inChannels),
      text: of('text', 1, textTokens, config.jointDim),
      pooled: of('pooled', 1, config.pooledDim),
      timestep: of('timestep', 1, 256),
      rotary: { cos: of('cos', textTokens + tokens, 8), sin: of('sin', textTokens + tokens, 8) },
    },
    {
      keepTokens: imageTokens,
      read: place && ((heads) => maps[maps.push(layerMaps(heads, spans, 'raw')) - 1]),
    },
  )
  if (!place) return graph('plain', { velocity })
  const responses = concat(maps, { axis: 0 })
  expect(responses.shape).toEqual([12, 1, 1, imageTokens])
  return graph('read', place === 'first' ? { responses, velocity } : { velocity, responses })
}

test('what is read off each block does not keep its queries and keys alive, in whatever order outputs are computed', () => {
  const peak = (built: Graph): number => memoryOf(built).peakActivationBytes
  const plain = peak(build())
  expect(peak(build('first'))).toBeLessThan(1.25 * plain)
  expect(peak(build('last'))).toBeLessThan(1.25 * plain)
})
