// Names and shapes of FLUX's four components, written down independently of the key maps that are tested with them.

export interface NamedShape {
  readonly name: string
  readonly shape: readonly number[]
}

const linear = (name: string, outSize: number, inSize: number): NamedShape[] => [
  { name: `${name}.weight`, shape: [outSize, inSize] },
  { name: `${name}.bias`, shape: [outSize] },
]
const gain = (name: string, size: number): NamedShape[] => [{ name: `${name}.weight`, shape: [size] }]
const norm = (name: string, size: number): NamedShape[] => [
  { name: `${name}.weight`, shape: [size] },
  { name: `${name}.bias`, shape: [size] },
]
const conv = (name: string, outSize: number, inSize: number, kernel: number): NamedShape[] => [
  { name: `${name}.weight`, shape: [outSize, inSize, kernel, kernel] },
  { name: `${name}.bias`, shape: [outSize] },
]
const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i)

export interface FluxSize {
  readonly hidden: number
  readonly headDim: number
  readonly doubleBlocks: number
  readonly singleBlocks: number
  readonly channels: number
  readonly textDim: number
  readonly pooledDim: number
  readonly hasGuidance: boolean
}

export const fluxDev: FluxSize = {
  hidden: 3072,
  headDim: 128,
  doubleBlocks: 19,
  singleBlocks: 38,
  channels: 64,
  textDim: 4096,
  pooledDim: 768,
  hasGuidance: true,
}

/** The original (BFL) layout. */
export function bflShapes(size: FluxSize): NamedShape[] {
  const d = size.hidden
  const stream = (at: string): NamedShape[] => [
    ...linear(`${at}_mod.lin`, 6 * d, d),
    ...linear(`${at}_attn.qkv`, 3 * d, d),
    { name: `${at}_attn.norm.query_norm.scale`, shape: [size.headDim] },
    { name: `${at}_attn.norm.key_norm.scale`, shape: [size.headDim] },
    ...linear(`${at}_attn.proj`, d, d),
    ...linear(`${at}_mlp.0`, 4 * d, d),
    ...linear(`${at}_mlp.2`, d, 4 * d),
  ]
  const embedder = (at: string, inSize: number) => [
    ...linear(`${at}.in_layer`, d, inSize),
    ...linear(`${at}.out_layer`, d, d),
  ]
  return [
    ...linear('img_in', d, size.channels),
    ...linear('txt_in', d, size.textDim),
    ...embedder('time_in', 256),
    ...embedder('vector_in', size.pooledDim),
    ...(size.hasGuidance ? embedder('guidance_in', 256) : []),
    ...range(size.doubleBlocks).flatMap((i) => ['img', 'txt'].flatMap((kind) => stream(`double_blocks.${i}.${kind}`))),
    ...range(size.singleBlocks).flatMap((i) => [
      ...linear(`single_blocks.${i}.modulation.lin`, 3 * d, d),
      ...linear(`single_blocks.${i}.linear1`, 7 * d, d),
      ...linear(`single_blocks.${i}.linear2`, d, 5 * d),
      { name: `single_blocks.${i}.norm.query_norm.scale`, shape: [size.headDim] },
      { name: `single_blocks.${i}.norm.key_norm.scale`, shape: [size.headDim] },
    ]),
    ...linear('final_layer.adaLN_modulation.1', 2 * d, d),
    ...linear('final_layer.linear', size.channels, d),
  ]
}

/** diffusers' FluxTransformer2DModel. */
export function fluxShapes(size: FluxSize): NamedShape[] {
  const d = size.hidden
  const embedder = (name: string, inSize: number) => [
    ...linear(`time_text_embed.${name}_embedder.linear_1`, d, inSize),
    ...linear(`time_text_embed.${name}_embedder.linear_2`, d, d),
  ]
  return [
    ...linear('x_embedder', d, size.channels),
    ...linear('context_embedder', d, size.textDim),
    ...embedder('timestep', 256),
    ...(size.hasGuidance ? embedder('guidance', 256) : []),
    ...embedder('text', size.pooledDim),
    ...range(size.doubleBlocks).flatMap((i) => {
      const at = `transformer_blocks.${i}`
      const squares = ['to_q', 'to_k', 'to_v', 'to_out.0', 'add_q_proj', 'add_k_proj', 'add_v_proj', 'to_add_out']
      return [
        ...['norm1', 'norm1_context'].flatMap((name) => linear(`${at}.${name}.linear`, 6 * d, d)),
        ...squares.flatMap((name) => linear(`${at}.attn.${name}`, d, d)),
        ...['q', 'k', 'added_q', 'added_k'].flatMap((name) => gain(`${at}.attn.norm_${name}`, size.headDim)),
        ...['ff', 'ff_context'].flatMap((name) => [
          ...linear(`${at}.${name}.net.0.proj`, 4 * d, d),
          ...linear(`${at}.${name}.net.2`, d, 4 * d),
        ]),
      ]
    }),
    ...range(size.singleBlocks).flatMap((i) => {
      const at = `single_transformer_blocks.${i}`
      return [
        ...linear(`${at}.norm.linear`, 3 * d, d),
        ...['to_q', 'to_k', 'to_v'].flatMap((name) => linear(`${at}.attn.${name}`, d, d)),
        ...['q', 'k'].flatMap((name) => gain(`${at}.attn.norm_${name}`, size.headDim)),
        ...linear(`${at}.proj_mlp`, 4 * d, d),
        ...linear(`${at}.proj_out`, d, 5 * d),
      ]
    }),
    ...linear('norm_out.linear', 2 * d, d),
    ...linear('proj_out', size.channels, d),
  ]
}

interface VaeNames {
  readonly resnet: (half: string, level: number, block: number) => string
  readonly mid: (half: string, block: number) => string
  readonly resize: (half: string, level: number) => string
  readonly shortcut: string
  readonly attention: (half: string) => readonly [norm: string, q: string, k: string, v: string, out: string]
  readonly normOut: string
}

const ldm: VaeNames = {
  resnet: (half, level, block) => `${half}.${half === 'encoder' ? 'down' : 'up'}.${level}.block.${block}`,
  mid: (half, block) => `${half}.mid.block_${block + 1}`,
  resize: (half, level) =>
    half === 'encoder' ? `encoder.down.${level}.downsample.conv` : `decoder.up.${level}.upsample.conv`,
  shortcut: 'nin_shortcut',
  attention: (half) => {
    const [norm, q, k, v, out] = ['norm', 'q', 'k', 'v', 'proj_out'].map((name) => `${half}.mid.attn_1.${name}`)
    return [norm!, q!, k!, v!, out!]
  },
  normOut: 'norm_out',
}

const diffusers: VaeNames = {
  resnet: (half, level, block) =>
    half === 'encoder'
      ? `encoder.down_blocks.${level}.resnets.${block}`
      : `decoder.up_blocks.${3 - level}.resnets.${block}`,
  mid: (half, block) => `${half}.mid_block.resnets.${block}`,
  resize: (half, level) =>
    half === 'encoder'
      ? `encoder.down_blocks.${level}.downsamplers.0.conv`
      : `decoder.up_blocks.${3 - level}.upsamplers.0.conv`,
  shortcut: 'conv_shortcut',
  attention: (half) => {
    const at = `${half}.mid_block.attentions.0`
    return [`${at}.group_norm`, `${at}.to_q`, `${at}.to_k`, `${at}.to_v`, `${at}.to_out.0`]
  },
  normOut: 'conv_norm_out',
}

/** FLUX's autoencoder in both layouts; the two lists name the same tensors in the same order. */
export function vaeShapes(layout: 'ldm' | 'diffusers', widths = [128, 256, 512, 512]): NamedShape[] {
  const names = layout === 'ldm' ? ldm : diffusers
  const top = widths[3]!
  const attention = (half: string): NamedShape[] => {
    const [normName, ...linears] = names.attention(half)
    return [
      ...norm(normName, top),
      ...linears.flatMap((name) => (layout === 'ldm' ? conv(name, top, top, 1) : linear(name, top, top))),
    ]
  }
  const resnet = (at: string, outSize: number, inSize: number): NamedShape[] => [
    ...norm(`${at}.norm1`, inSize),
    ...conv(`${at}.conv1`, outSize, inSize, 3),
    ...norm(`${at}.norm2`, outSize),
    ...conv(`${at}.conv2`, outSize, outSize, 3),
    ...(inSize === outSize ? [] : conv(`${at}.${names.shortcut}`, outSize, inSize, 1)),
  ]
  const half = (name: 'encoder' | 'decoder'): NamedShape[] => {
    const isEncoder = name === 'encoder'
    let width = isEncoder ? widths[0]! : top
    const levels = isEncoder ? [0, 1, 2, 3] : [3, 2, 1, 0]
    const blocks = levels.flatMap((level) => {
      const shapes = range(isEncoder ? 2 : 3).flatMap((block) => {
        const inSize = width
        width = widths[level]!
        return resnet(names.resnet(name, level, block), width, inSize)
      })
      const resizes = isEncoder ? level < 3 : level > 0
      return resizes ? [...shapes, ...conv(names.resize(name, level), width, width, 3)] : shapes
    })
    const ends = isEncoder ? [3, widths[0]!, top, 32] : [16, top, widths[0]!, 3]
    return [
      ...conv(`${name}.conv_in`, ends[1]!, ends[0]!, 3),
      ...blocks,
      ...range(2).flatMap((block) => resnet(names.mid(name, block), top, top)),
      ...attention(name),
      ...norm(`${name}.${names.normOut}`, ends[2]!),
      ...conv(`${name}.conv_out`, ends[3]!, ends[2]!, 3),
    ]
  }
  return [...half('encoder'), ...half('decoder')]
}

/** CLIP-L's text model. */
export function clipShapes(): NamedShape[] {
  const at = 'text_model.encoder.layers'
  return [
    { name: 'text_model.embeddings.token_embedding.weight', shape: [49408, 768] },
    { name: 'text_model.embeddings.position_embedding.weight', shape: [77, 768] },
    ...range(12).flatMap((i) => [
      ...['q', 'k', 'v', 'out'].flatMap((name) => linear(`${at}.${i}.self_attn.${name}_proj`, 768, 768)),
      ...norm(`${at}.${i}.layer_norm1`, 768),
      ...norm(`${at}.${i}.layer_norm2`, 768),
      ...linear(`${at}.${i}.mlp.fc1`, 3072, 768),
      ...linear(`${at}.${i}.mlp.fc2`, 768, 3072),
    ]),
    ...norm('text_model.final_layer_norm', 768),
  ]
}

/** T5 v1.1 XXL's encoder. */
export function t5Shapes(): NamedShape[] {
  return [
    { name: 'shared.weight', shape: [32128, 4096] },
    { name: 'encoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight', shape: [32, 64] },
    ...range(24).flatMap((i) => {
      const at = `encoder.block.${i}.layer`
      return [
        ...['q', 'k', 'v', 'o'].flatMap((name) => [
          { name: `${at}.0.SelfAttention.${name}.weight`, shape: [4096, 4096] },
        ]),
        ...gain(`${at}.0.layer_norm`, 4096),
        { name: `${at}.1.DenseReluDense.wi_0.weight`, shape: [10240, 4096] },
        { name: `${at}.1.DenseReluDense.wi_1.weight`, shape: [10240, 4096] },
        { name: `${at}.1.DenseReluDense.wo.weight`, shape: [4096, 10240] },
        ...gain(`${at}.1.layer_norm`, 4096),
      ]
    }),
    ...gain('encoder.final_layer_norm', 4096),
  ]
}

export function parameterCount(shapes: Iterable<{ readonly shape: readonly number[] }>): number {
  let sum = 0
  for (const { shape } of shapes) sum += shape.reduce((product, size) => product * size, 1)
  return sum
}
