// Model folders whose parts are absent, damaged or strangers to each other, and LoRA of another base. Each row copies a whole
// small model and damages it in one place.
import { cp, mkdtemp, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { JsonObject, JsonValue } from '@dreamgraph/graph'
import { openRegistry, writeRandomModel } from '@dreamgraph/nodes'
import { openCheckpoint } from '@dreamgraph/weights'
import { afterAll, beforeAll } from 'vitest'
import { flow, textToPicture } from './flow.js'
import type { Place } from './place.js'
import { zeros } from './safetensors.js'
import { type BadInput, testBadInputs } from './table.js'

let whole = ''
beforeAll(async () => {
  whole = await mkdtemp(join(tmpdir(), 'bad-input-model-'))
  await writeRandomModel(whole, { seed: 1n })
})
afterAll(() => rm(whole, { recursive: true, force: true }))

const damaged = (name: string, code: string, says: string, damage: (model: string) => Promise<unknown>): BadInput => ({
  name,
  attempt: async (place) => {
    const model = join(place.in, 'model')
    await cp(whole, model, { recursive: true })
    await damage(model)
    return place.run(textToPicture('model'))
  },
  code,
  says,
})

const absent = (part: string, code: string, says = part): BadInput =>
  damaged(`no ${part}`, code, says, (model) => rm(join(model, part), { recursive: true }))

const config = (part: string, change: Record<string, JsonValue>, code: string, says: string): BadInput =>
  damaged(`${part} with ${JSON.stringify(change)}`, code, says, (model) => changeConfig(join(model, part), change))

const file = (part: string, content: string | Uint8Array, code: string, says: string): BadInput =>
  damaged(`${part} holding ${JSON.stringify(content).slice(0, 40)}`, code, says, (model) =>
    writeFile(join(model, part), content),
  )

const lora = (name: string, code: string, says: string, content: string | Uint8Array): BadInput => ({
  name: `as LoRA, ${name}`,
  attempt: async (place) => {
    await place.put('x.safetensors', content)
    const nodes = { model: ['model/load', { model: whole }], lora: ['model/lora', { file: 'x.safetensors' }] } as const
    return place.run(flow(nodes, ['model.model > lora.model']))
  },
  code,
  says,
})

/** Another part of the same architecture and other sizes: whole by itself, a stranger to the rest. */
const stranger = (
  part: string,
  change: Record<string, JsonValue>,
  resized: (name: string, shape: readonly number[]) => readonly number[],
  says: string,
): BadInput =>
  damaged(`${part} of another size`, 'dreamo/models-mismatched', says, async (model) => {
    await changeConfig(join(model, part, 'config.json'), change)
    const { files, tensors } = await openCheckpoint(join(model, part))
    const shapes = [...tensors.values()].map(({ name, shape }) => [name, resized(name, shape)])
    await writeFile(files[0]!, zeros(Object.fromEntries(shapes)))
  })

const replacing = (from: number, to: number) => (_: string, shape: readonly number[]) =>
  shape.map((size) => (size === from ? to : size))

async function changeConfig(path: string, change: Record<string, JsonValue>): Promise<void> {
  const fields = JSON.parse(await readFile(path, 'utf8')) as JsonObject
  await writeFile(path, JSON.stringify({ ...fields, ...change }))
}

const named = (name: string, model: string, prepare?: (place: Place) => Promise<unknown>): BadInput => ({
  name: `a model called ${name}`,
  attempt: async (place) => {
    await prepare?.(place)
    return place.run(flow({ model: ['model/load', { model }] }))
  },
  code: 'nodes/model-missing',
  says: model,
})

const query = 'transformer.transformer_blocks.0.attn.to_q'
const flux = 'transformer/config.json'
const clip = 'text_encoder/config.json'
const t5 = 'text_encoder_2/config.json'
const vae = 'vae/config.json'
const scheduler = 'scheduler/scheduler_config.json'
const invalid = 'dreamo/config-invalid'

testBadInputs([
  named('none', 'none'),
  named('constructor', 'constructor'),
  named('__proto__', '__proto__'),
  named('file', 'file', (place) => place.put('file', '')),
  {
    name: 'a registered model that was moved',
    attempt: async (place) => {
      await openRegistry(place.home).add('flux', { folder: '/moved/away' })
      return place.run(flow({ model: ['model/load', { model: 'flux' }] }))
    },
    code: 'dreamo/files-missing',
    says: '/moved/away',
  },
  {
    name: 'no parts at all',
    attempt: (place) => place.run(flow({ model: ['model/load-files'] })),
    code: 'dreamo/files-missing',
    says: 'transformer',
  },
  absent('transformer', 'dreamo/files-missing'),
  absent('tokenizer_2', 'dreamo/files-missing'),
  absent('vae/diffusion_pytorch_model.safetensors', 'weights/folder-empty', 'vae'),
  absent('tokenizer/merges.txt', 'dreamo/tokenizer-missing', 'got no merges.txt'),
  absent('tokenizer_2/tokenizer.json', 'dreamo/tokenizer-missing', 'tokenizer_2'),
  absent('scheduler/scheduler_config.json', invalid),

  file(flux, '{', invalid, flux),
  file(flux, '[]', invalid, flux),
  file(flux, 'null', invalid, flux),
  config(flux, { num_attention_heads: 0 }, invalid, 'num_attention_heads'),
  config(flux, { num_attention_heads: 'many' }, invalid, 'num_attention_heads'),
  config(flux, { attention_head_dim: 15 }, invalid, 'attention_head_dim 15'),
  config(flux, { axes_dims_rope: [5, 5, 6] }, invalid, 'even'),
  config(flux, { in_channels: -64 }, invalid, 'in_channels'),
  config(flux, { num_layers: 1e9 }, invalid, 'num_layers'),
  config(flux, { num_layers: 4 }, 'weights/does-not-match', 'transformer_blocks.2'),
  config(
    flux,
    { num_attention_heads: 8, axes_dims_rope: [4, 6, 6] },
    'weights/does-not-match',
    '[64,256] for [128,256]',
  ),
  config(flux, { patch_size: 2 }, 'dreamo/config-unsupported', 'patch_size'),
  config(vae, { norm_num_groups: 5 }, invalid, 'norm_num_groups 5'),
  config(vae, { act_fn: 'relu' }, 'dreamo/config-unsupported', 'act_fn'),
  config(vae, { scaling_factor: 0 }, invalid, 'scaling_factor'),
  config(vae, { layers_per_block: 1e9 }, invalid, 'layers_per_block'),
  config(vae, { latent_channels: 8 }, 'weights/does-not-match', 'vae'),
  config(clip, { num_attention_heads: 5 }, invalid, 'num_attention_heads 5'),
  config(clip, { hidden_act: 'gelu' }, 'dreamo/config-unsupported', 'hidden_act'),
  config(clip, { num_hidden_layers: 1e9 }, invalid, 'num_hidden_layers'),
  config(t5, { feed_forward_proj: 'relu' }, 'dreamo/config-unsupported', 'feed_forward_proj'),
  config(t5, { relative_attention_num_buckets: 30 }, invalid, 'divisible by 4'),
  config(t5, { num_layers: 1e9 }, invalid, 'num_layers'),
  config(scheduler, { max_image_seq_len: 256 }, invalid, 'max_image_seq_len'),
  config(scheduler, { time_shift_type: 'linear' }, 'dreamo/config-unsupported', 'time_shift_type'),

  file('tokenizer/vocab.json', '{"a": "b"}', 'dreamo/tokenizer-invalid', 'vocab.json'),
  file('tokenizer/vocab.json', '{"a": 0}', 'dreamo/tokenizer-invalid', '<|startoftext|>'),
  file('tokenizer/merges.txt', 'one two three', 'dreamo/tokenizer-invalid', 'merges.txt'),
  file('tokenizer/tokenizer_config.json', '{"pad_token": "<none>"}', 'dreamo/tokenizer-invalid', '<none>'),
  file('tokenizer/tokenizer_config.json', '{"model_max_length": -5}', 'dreamo/tokenizer-invalid', 'model_max_length'),
  file('tokenizer_2/tokenizer.json', '{}', 'dreamo/tokenizer-invalid', 'tokenizer.json'),
  file(
    'tokenizer_2/tokenizer.json',
    '{"model": {"type": "Unigram", "unk_id": 7, "vocab": [["a", 0]]}}',
    'dreamo/tokenizer-invalid',
    'tokenizer_2',
  ),
  damaged('a spiece.model of noise', 'dreamo/tokenizer-invalid', 'spiece.model', async (model) => {
    await rm(join(model, 'tokenizer_2/tokenizer.json'))
    await writeFile(
      join(model, 'tokenizer_2/spiece.model'),
      Uint8Array.from({ length: 999 }, (_, i) => (i * 73) & 255),
    )
  }),

  stranger('text_encoder_2', { d_model: 40, d_kv: 10 }, replacing(48, 40), '40'),
  stranger('text_encoder', { hidden_size: 24 }, replacing(32, 24), '24'),
  stranger(
    'vae',
    { latent_channels: 8 },
    (name, shape) => {
      if (name.startsWith('encoder.conv_out.')) return [16, ...shape.slice(1)] // mean and log variance
      return name === 'decoder.conv_in.weight' ? [shape[0]!, 8, ...shape.slice(2)] : shape
    },
    '32',
  ),
  damaged('CLIP and T5 swapped', 'weights/layout-unknown', 'text_encoder', async (model) => {
    await rename(join(model, 'text_encoder'), join(model, 'swap'))
    await rename(join(model, 'text_encoder_2'), join(model, 'text_encoder'))
    await rename(join(model, 'swap'), join(model, 'text_encoder_2'))
  }),
  damaged('weights cut off', 'weights/offsets-invalid', 'transformer', (model) =>
    truncate(join(model, 'transformer/diffusion_pytorch_model.safetensors'), 100_000),
  ),
  ...(['transformer', 'vae', 'text_encoder', 'text_encoder_2'] as const).map((part) =>
    damaged(`a ${part} without tensors`, 'weights/layout-unknown', part, (model) => {
      const name = part.startsWith('text') ? 'model' : 'diffusion_pytorch_model'
      return writeFile(join(model, part, `${name}.safetensors`), zeros({ 'stranger.weight': [2, 2] }))
    }),
  ),

  lora('text', 'weights/header-too-large', 'x.safetensors', 'a style of mine, by hand'),
  lora('an empty file', 'weights/header-truncated', 'x.safetensors', ''),
  lora('a file without tensors', 'weights/lora-does-not-fit', 'no tensors', zeros({})),
  lora(
    'the LoRA of a Stable Diffusion',
    'weights/lora-does-not-fit',
    'lora_unet_down_blocks_0',
    zeros({
      'lora_unet_down_blocks_0_attentions_0_proj_in.lora_down.weight': [4, 64],
      'lora_unet_down_blocks_0_attentions_0_proj_in.lora_up.weight': [64, 4],
    }),
  ),
  lora(
    'the LoRA of a wider FLUX',
    'weights/lora-does-not-fit',
    '[3072,3072] for [64,64]',
    zeros({
      [`${query}.lora_A.weight`]: [1, 3072],
      [`${query}.lora_B.weight`]: [3072, 1],
    }),
  ),
  lora(
    'the LoRA of a deeper FLUX',
    'weights/lora-does-not-fit',
    'transformer_blocks.18.attn.to_q',
    zeros({
      'transformer.transformer_blocks.18.attn.to_q.lora_A.weight': [4, 64],
      'transformer.transformer_blocks.18.attn.to_q.lora_B.weight': [64, 4],
    }),
  ),
  lora(
    'halves of different rank',
    'weights/lora-does-not-fit',
    'rank',
    zeros({
      [`${query}.lora_A.weight`]: [4, 64],
      [`${query}.lora_B.weight`]: [64, 8],
    }),
  ),
  lora('one half alone', 'weights/lora-invalid', 'to_q', zeros({ [`${query}.lora_A.weight`]: [4, 64] })),
  lora(
    'rank 0',
    'weights/lora-invalid',
    'to_q',
    zeros({
      [`${query}.lora_A.weight`]: [0, 64],
      [`${query}.lora_B.weight`]: [64, 0],
    }),
  ),
  lora(
    'an alpha of two numbers',
    'weights/lora-invalid',
    'alpha',
    zeros({
      'lora_unet_double_blocks_0_img_attn_proj.lora_down.weight': [4, 64],
      'lora_unet_double_blocks_0_img_attn_proj.lora_up.weight': [64, 4],
      'lora_unet_double_blocks_0_img_attn_proj.alpha': [2],
    }),
  ),
  lora(
    'embeddings of another width',
    'dreamo/embeddings-invalid',
    'x.safetensors',
    zeros({
      'dreamo_task_embedding.weight': [2, 3072],
      'dreamo_idx_embedding.weight': [10, 3072],
      'dreamo_t5_embedding.weight': [10, 4096],
    }),
  ),
  lora(
    'the task embedding alone',
    'dreamo/embeddings-invalid',
    'x.safetensors',
    zeros({ 'dreamo_task_embedding.weight': [2, 64] }),
  ),
])
