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
import { clipConfig, t5Config, transformerConfig, vaeConfig } from './configs.js'

export interface NamedShape {
  readonly name: string
  readonly shape: readonly number[]
}

/** Checkpoint file inside the model folder → its tensors. */
export function weightShapes(): Record<string, readonly NamedShape[]> {
  return {
    'transformer/diffusion_pytorch_model.safetensors': transformerShapes(),
    'vae/diffusion_pytorch_model.safetensors': vaeShapes(),
    'text_encoder/model.safetensors': clipShapes(),
    'text_encoder_2/model.safetensors': t5Shapes(),
  }
}

/** Every weight of the transformer; biases and gains too. */
export function transformerShapes(): readonly NamedShape[] {
  const config = parseFluxConfig(transformerConfig)
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

function vaeShapes(): readonly NamedShape[] {
  const config = parseVaeConfig(vaeConfig)
  return declaredParameters((p) => {
    encodeImage(p, config, input('image', [1, config.inChannels, 4 * config.downscale, 4 * config.downscale]))
    decodeImage(p, config, input('latents', [1, config.latentChannels, 4, 4]))
  })
}

function clipShapes(): readonly NamedShape[] {
  const config = parseClipConfig(clipConfig)
  return declaredParameters((p) => {
    p.weight(clipTokenTable, [config.vocabSize, config.hiddenSize])
    encodeClip(p, config, input('tokens', [1, config.maxTokens, config.hiddenSize]))
  })
}

function t5Shapes(): readonly NamedShape[] {
  const config = parseT5Config(t5Config)
  return declaredParameters((p) => {
    p.weight(t5TokenTable, [config.vocabSize, config.hiddenSize])
    encodeT5(p, config, input('tokens', [1, 2, config.hiddenSize]))
  })
}
