// Names and shapes of the small model's weights, asked of the model code itself: it is built once without weights.
import {
  clipTokenTable,
  declaredParameters,
  decodeImage,
  encodeClip,
  encodeImage,
  encodeT5,
  parseClipConfig,
  parseFluxConfig,
  parseT5Config,
  parseVaeConfig,
  SINUSOID_WIDTH,
  t5TokenTable,
  transformer,
} from '@dreamgraph/dreamo'
import { input } from '@dreamgraph/onnx'
import type { RandomModelConfigs } from './configs.js'

export interface NamedShape {
  readonly name: string
  readonly shape: readonly number[]
}

/** Checkpoint file inside the model folder → its tensors. */
export function weightShapes(configs: RandomModelConfigs): Record<string, readonly NamedShape[]> {
  return {
    'transformer/diffusion_pytorch_model.safetensors': transformerShapes(configs),
    'vae/diffusion_pytorch_model.safetensors': vaeShapes(configs),
    'text_encoder/model.safetensors': clipShapes(configs),
    'text_encoder_2/model.safetensors': t5Shapes(configs),
  }
}

/** Every weight of the transformer; biases and gains too. */
export function transformerShapes(configs: RandomModelConfigs): readonly NamedShape[] {
  const config = parseFluxConfig(configs.transformer)
  return declaredParameters((p) => {
    transformer(p, config, {
      latents: input('latents', [1, 1, config.inChannels]),
      text: input('text', [1, 1, config.jointDim]),
      pooled: input('pooled', [1, config.pooledDim]),
      timestep: input('timestep', [1, SINUSOID_WIDTH]),
      guidance: input('guidance', [1, SINUSOID_WIDTH]),
      rotary: { cos: input('cos', [2, config.headDim / 2]), sin: input('sin', [2, config.headDim / 2]) },
    })
  })
}

function vaeShapes(configs: RandomModelConfigs): readonly NamedShape[] {
  const config = parseVaeConfig(configs.vae)
  return declaredParameters((p) => {
    encodeImage(p, config, input('image', [1, config.inChannels, 4 * config.downscale, 4 * config.downscale]))
    decodeImage(p, config, input('latents', [1, config.latentChannels, 4, 4]))
  })
}

function clipShapes(configs: RandomModelConfigs): readonly NamedShape[] {
  const config = parseClipConfig(configs.clip)
  return declaredParameters((p) => {
    p.weight(clipTokenTable, [config.vocabSize, config.hiddenSize])
    encodeClip(p, config, input('tokens', [1, config.maxTokens, config.hiddenSize]))
  })
}

function t5Shapes(configs: RandomModelConfigs): readonly NamedShape[] {
  const config = parseT5Config(configs.t5)
  return declaredParameters((p) => {
    p.weight(t5TokenTable, [config.vocabSize, config.hiddenSize])
    encodeT5(p, config, input('tokens', [1, 2, config.hiddenSize]))
  })
}
