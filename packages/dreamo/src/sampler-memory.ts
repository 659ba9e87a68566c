// What a step of the sampler takes, known before anything is loaded: the graph is built for the sizes, and not run.
import { type GraphMemory, graph, input, memoryOf } from '@dreamgraph/onnx'
import type { Component } from './component.js'
import type { FluxConfig } from './configs.js'
import { parametersOf } from './parameters.js'
import { SINUSOID_WIDTH } from './sinusoid.js'
import { transformer } from './transformer/transformer.js'

export interface SequenceLengths {
  readonly text: number
  /** Tokens of the picture that is made. */
  readonly picture: number
  /** Of all references together. */
  readonly references: number
}

/** Memory of the transformer for a sequence, with fused attention and without LoRA, whose branches add little to it. */
export function samplerMemory(
  { config, weights }: Pick<Component<FluxConfig>, 'config' | 'weights'>,
  { text, picture, references }: SequenceLengths,
): GraphMemory {
  const tokens = picture + references
  const rotary = [text + tokens, config.headDim / 2]
  const inputs = {
    latents: input('latents', [1, tokens, config.inChannels]),
    text: input('text', [1, text, config.jointDim]),
    pooled: input('pooled', [1, config.pooledDim]),
    timestep: input('timestep', [1, SINUSOID_WIDTH]),
    ...(config.guidanceEmbeds ? { guidance: input('guidance', [1, SINUSOID_WIDTH]) } : {}),
    rotary: { cos: input('cos', rotary), sin: input('sin', rotary) },
  }
  const velocity = transformer(parametersOf(weights), config, inputs, { keepTokens: picture })
  return memoryOf(graph('transformer', { velocity }))
}
