// DreamO's adapters and the turbo LoRA for the small transformer, each in the key form in which it is published.
import { MAX_REFERENCES, PLACEHOLDER_TOKENS } from '@dreamgraph/dreamo'
import { type NamedShape, transformerShapes } from './architecture.js'
import type { RandomModelConfigs } from './configs.js'

/** DreamO's main file, in a model's folder. */
export const dreamoFile = 'DreamO/dreamo.safetensors'

/** LoRA file beside the model's own → its tensors. Together they are all that the presets ask for. */
export function loraShapes(configs: RandomModelConfigs): Record<string, readonly NamedShape[]> {
  const diffusers = diffusersPairs(configs, 3)
  return {
    [dreamoFile]: dreamoShapes(configs, 4),
    'DreamO/dreamo_cfg_distill.safetensors': originalPairs(configs, 2),
    'DreamO/dreamo_quality_lora_pos.safetensors': originalPairs(configs, 2),
    'DreamO/dreamo_quality_lora_neg.safetensors': originalPairs(configs, 2),
    'DreamO/v1.1/dreamo_sft_lora.safetensors': diffusers,
    'DreamO/v1.1/dreamo_dpo_lora.safetensors': diffusers,
    'FLUX.1-Turbo-Alpha/diffusion_pytorch_model.safetensors': diffusers,
  }
}

/** DreamO's main file at a rank: LoRA and all embeddings. */
export function dreamoShapes(configs: RandomModelConfigs, rank: number): NamedShape[] {
  return [...originalPairs(configs, rank), ...embeddings(configs)]
}

/** DreamO's own keys: one `down` for q, k and v; lora1 belongs to the image stream, lora2 to the text stream. */
function originalPairs({ transformer }: RandomModelConfigs, rank: number): NamedShape[] {
  const hidden = hiddenSize(transformer)
  const pair = (name: string, inSize: number, outSize: number): NamedShape[] => [
    { name: `${name}.down.weight`, shape: [rank, inSize] },
    { name: `${name}.up.weight`, shape: [outSize, rank] },
  ]
  const doubles = range(transformer.num_layers).flatMap((i) =>
    [1, 2].flatMap((stream) => [
      ...pair(`double_blocks.${i}.processor.qkv_lora${stream}`, hidden, 3 * hidden),
      ...pair(`double_blocks.${i}.processor.proj_lora${stream}`, hidden, hidden),
    ]),
  )
  const singles = range(transformer.num_single_layers).flatMap((i) => [
    ...pair(`single_blocks.${i}.processor.qkv_lora`, hidden, 3 * hidden),
    ...pair(`single_blocks.${i}.processor.proj_lora`, 5 * hidden, hidden), // attention and the 4 × wider MLP side by side
  ])
  return [...doubles, ...singles]
}

function embeddings({ transformer }: RandomModelConfigs): NamedShape[] {
  const hidden = hiddenSize(transformer)
  return [
    { name: 'dreamo_task_embedding.weight', shape: [2, hidden] },
    { name: 'dreamo_idx_embedding.weight', shape: [MAX_REFERENCES + 1, hidden] },
    { name: 'dreamo_t5_embedding.weight', shape: [PLACEHOLDER_TOKENS.length, transformer.joint_attention_dim] },
  ]
}

/** diffusers' keys, on the attention of every block. */
function diffusersPairs(configs: RandomModelConfigs, rank: number): NamedShape[] {
  return transformerShapes(configs).flatMap(({ name, shape: [outSize, inSize] }) => {
    const module = /^((?:single_)?transformer_blocks\..*\.attn\.(?:to|add)_.*)\.weight$/.exec(name)?.[1]
    if (module === undefined || outSize === undefined || inSize === undefined) return []
    return [
      { name: `transformer.${module}.lora_A.weight`, shape: [rank, inSize] },
      { name: `transformer.${module}.lora_B.weight`, shape: [outSize, rank] },
    ]
  })
}

const hiddenSize = ({ num_attention_heads, attention_head_dim }: RandomModelConfigs['transformer']): number =>
  num_attention_heads * attention_head_dim

const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i)
