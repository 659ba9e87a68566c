// Pipeline cases: from token ids and reference pictures to the picture, with every step's numbers in between.
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  type DenoiseStep,
  decodeLatents,
  denoise,
  denormalizeLatents,
  type EncodedReference,
  type EncodedText,
  encodeMoments,
  linearSigmas,
  type Model,
  modelFiles,
  normalizeLatents,
  openModel,
  packReference,
  positionIds,
  type Quantization,
  runClip,
  runT5,
  sampleMoments,
  schedule,
  segmentRows,
  tensorToImage,
  tokenGrid,
  unpackLatents,
  withLoras,
} from '@dreamgraph/dreamo'
import type { Runtime, TensorData } from '@dreamgraph/runtime'
import type { GoldenCase } from '../case-folder.js'
import type { Computed } from '../computed.js'

export async function runPipeline(
  golden: GoldenCase,
  runtime: Runtime,
  quantization?: Quantization,
): Promise<Computed> {
  const model = await openTinyModel(golden, runtime, quantization)
  const { call, ref_conds, truecfg } = golden.params
  const computed: Computed = new Map()
  const text = await encodeIds(model, golden, '')
  const negative = await encodeIds(model, golden, 'negative_')
  for (const [prefix, encoded] of [
    ['', text],
    ['negative_', negative],
  ] as const) {
    computed.set(`${prefix}prompt_embeds`, encoded.states.data as Float32Array)
    computed.set(`${prefix}pooled_prompt_embeds`, encoded.pooled.data as Float32Array)
  }

  const grid = tokenGrid(call)
  const steps = call.num_inference_steps
  const plan = schedule(model.scheduler, { steps, imageTokens: grid.rows * grid.columns })
  computed.set('mu', [plan.mu!])
  computed.set('linear_sigmas', linearSigmas(steps))
  computed.set('sigmas', plan.sigmas)
  computed.set('timesteps', plan.timesteps)
  computed.set('base/model_timestep', plan.modelTimesteps)
  computed.set('base/model_guidance', guidances(call))

  const sampled = await encodeReferences(model, golden, 'sample')
  const mode = await encodeReferences(model, golden, 'mode')
  const slots = (ref_conds as { idx: number }[]).map(({ idx }) => idx)
  for (const [variant, references] of Object.entries({ base: sampled, mode, truecfg: sampled, noref: [] })) {
    const inner: DenoiseStep[] = []
    const trueCfg = {
      negative,
      scale: truecfg.true_cfg_scale,
      startStep: truecfg.true_cfg_start_step,
      endStep: truecfg.true_cfg_end_step,
      guidance: truecfg.neg_guidance_scale,
    }
    const latents = await denoise(model, {
      noise: golden.tensor('latents').data,
      grid,
      text,
      references,
      steps,
      guidance: call.guidance_scale,
      firstStepGuidance: call.first_step_guidance_scale,
      trueCfg: variant === 'truecfg' ? trueCfg : undefined,
      onStep: (step) => inner.push(step),
    })
    const grids = references.map((reference) => reference.grid)
    computed.set(`${variant}/img_ids`, positionIds(grid, grids))
    computed.set(`${variant}/embeddings`, spreadRows(model, [grid, ...grids], variant === 'noref' ? [] : slots))
    computed.set(
      `${variant}/ref_tokens`,
      references.flatMap(({ tokens }) => [...tokens]),
    )
    computed.set(
      `${variant}/noise_pred`,
      inner.flatMap(({ velocity }) => [...velocity]),
    )
    computed.set(
      `${variant}/negative_noise_pred`,
      inner.flatMap(({ negativeVelocity }) => [...(negativeVelocity ?? [])]),
    )
    computed.set(
      `${variant}/latents_after_step`,
      inner.flatMap((step) => [...step.latents]),
    )
    const image = await decode(model, latents, call)
    computed.set(`${variant}/decoder_input`, image.input)
    computed.set(`${variant}/decoded`, image.decoded)
    computed.set(`${variant}/image_uint8`, tensorToImage(image.decoded, call).data)
  }
  return computed
}

/** The case has no tokenizers, as it starts from ids: stand-ins with as many tokens make the model complete. */
async function openTinyModel(golden: GoldenCase, runtime: Runtime, quantization?: Quantization): Promise<Model> {
  const beside = (path: string): string => fileURLToPath(new URL(`../../../${path}`, import.meta.url))
  const weights = join(golden.dir, 'weights')
  const files = await modelFiles(weights, {
    tokenizer: beside('fixtures/golden/tokenizers/tokenizer'),
    tokenizer2: beside('golden/tokenizer_2'),
  })
  const base = await openModel(files, runtime, quantization)
  const words = golden.params.tokenizer_2_len
  if (base.t5.tokenizer.size !== words) throw new Error(`expected ${words} tokens, got ${base.t5.tokenizer.size}`)
  const loras = (golden.params.lora_order as [string, number][]).map(([name, weight]) => ({
    path: join(weights, name.includes('Turbo') ? `${name}/diffusion_pytorch_model.safetensors` : `${name}.safetensors`),
    weight,
  }))
  return withLoras(base, loras)
}

async function encodeIds(model: Model, golden: GoldenCase, prefix: string): Promise<EncodedText> {
  const ids = (name: string): number[] => [...golden.tensor(`${prefix}${name}`).data]
  const { pooled } = await runClip(model, ids('clip_ids'))
  return { prompt: '', states: await runT5(model, ids('t5_ids')), pooled }
}

/** The recorded noise stands in for ours: the official code draws from a generator without a seed. */
async function encodeReferences(
  model: Model,
  golden: GoldenCase,
  draw: 'sample' | 'mode',
): Promise<EncodedReference[]> {
  const references: EncodedReference[] = []
  for (const { index, idx, task } of golden.params.ref_conds as { index: number; idx: number; task: 'ip' | 'id' }[]) {
    const image: TensorData = { dtype: 'float32', ...golden.tensor(`ref${index}_image`) }
    const moments = await encodeMoments(model, image)
    const epsilon = draw === 'sample' ? golden.tensor(`ref${index}_eps`).data : undefined
    const data = normalizeLatents(sampleMoments(moments, epsilon), model.vae.config)
    const [, , height, width] = moments.shape
    references.push({ slot: idx, task, ...packReference({ channels: 16, height, width, data }) })
  }
  return references
}

const guidances = (call: { num_inference_steps: number; guidance_scale: number; first_step_guidance_scale: number }) =>
  Array.from({ length: call.num_inference_steps }, (_, i) =>
    i === 0 ? call.first_step_guidance_scale : call.guidance_scale,
  )

/** Segment rows repeated over their tokens, as the graph gathers them. */
function spreadRows(
  model: Model,
  grids: readonly { rows: number; columns: number }[],
  slots: readonly number[],
): number[] {
  const { hiddenSize } = model.transformer.config
  const segments = segmentRows(model.embeddings!, slots, hiddenSize)
  return grids.flatMap(({ rows: height, columns }, i) => {
    const row = [...segments.subarray(i * hiddenSize, (i + 1) * hiddenSize)]
    return Array.from({ length: height * columns }, () => row).flat()
  })
}

async function decode(
  model: Model,
  packed: Float32Array,
  { height, width }: { height: number; width: number },
): Promise<{ input: Float32Array; decoded: Float32Array }> {
  const shape = { batch: 1, channels: 16, height: height / 8, width: width / 8 }
  const input = denormalizeLatents(unpackLatents(packed, shape), model.vae.config)
  const latents: TensorData = { dtype: 'float32', shape: Object.values(shape), data: input }
  return { input, decoded: (await decodeLatents(model, latents)).data as Float32Array }
}
