// What torch's side reads: all weights in float32 with LoRA fused, and what is looked up or drawn before the pipeline starts.
import { join } from 'node:path'
import {
  clipPoolPosition,
  imageToTensor,
  type Model,
  positionIds,
  type RgbImage,
  ropeTable,
  schedule,
  segmentRows,
  sequenceIds,
  sinusoid,
} from '@dreamgraph/dreamo'
import { fuseInto, type TensorSource, toFloat32, writeSafetensors } from '@dreamgraph/weights'
import type { TorchFiles } from '../flux-stack/torch.js'
import { settings } from './settings.js'

export async function writeYardstick(
  folder: string,
  model: Model,
  drawn: { readonly images: readonly RgbImage[]; readonly noise: Float32Array },
): Promise<TorchFiles> {
  const files = { weights: join(folder, 'weights.safetensors'), inputs: join(folder, 'inputs.safetensors') }
  await writeSafetensors(files.weights, await weightsOf(model))
  await writeSafetensors(files.inputs, await inputsOf(model, drawn))
  return files
}

async function weightsOf({ transformer, t5, clip, vae, adapters }: Model): Promise<TensorSource[]> {
  const parts = { transformer, t5, clip, vae }
  return Object.entries(parts).flatMap(([part, { weights }]) =>
    [...weights].map(([name, view]): TensorSource => {
      const data = async (): Promise<Float32Array> => {
        const values = await toFloat32(view)
        const pairs = part === 'transformer' ? (adapters.get(name.replace(/\.weight$/, '')) ?? []) : []
        for (const { up, down, scale } of pairs) {
          fuseInto(values, { up: await toFloat32(up), down: await toFloat32(down), rank: down.shape[0]!, scale })
        }
        return values
      }
      return { name: `${part}.${name}`, dtype: 'F32', shape: view.shape, data }
    }),
  )
}

async function inputsOf(
  model: Model,
  { images, noise }: { readonly images: readonly RgbImage[]; readonly noise: Float32Array },
): Promise<TensorSource[]> {
  const { t5, clip, vae, transformer, embeddings, scheduler } = model
  const { prompts, textTokens, steps, trueCfg, grid } = settings
  const { hiddenSize, inChannels, axesDims, headDim } = transformer.config
  const tokens = grid.rows * grid.columns
  const { sigmas, modelTimesteps } = schedule(scheduler, { steps, imageTokens: tokens })
  const t5Ids = prompts.map((prompt) => t5.tokenizer.encode(prompt, textTokens))
  const clipIds = prompts.map((prompt) => clip.tokenizer.encode(prompt))
  const sizes = images.map(({ height, width }) => ({ rows: height / 16, columns: width / 16 }))
  const ropes = [sizes, []].map((grids) => ropeTable(sequenceIds(textTokens, positionIds(grid, grids)), axesDims))
  const half = (table: Float32Array): Float32Array => table.filter((_, i) => i % 2 === 0)
  const lengths = [tokens, ...sizes.map(({ rows, columns }) => rows * columns)]
  const segments = segmentRows(embeddings!, [1, 2], hiddenSize)
  const rows = lengths.flatMap((length, segment) =>
    Array.from({ length }, () => segments.subarray(segment * hiddenSize, (segment + 1) * hiddenSize)),
  )
  const of = (name: string, shape: readonly number[], data: Float32Array): TensorSource => ({
    ...{ name, dtype: 'F32', shape, data },
  })
  const [t5Tokens, clipTokens] = [await lookUp(t5.tokens, t5Ids), await lookUp(clip.tokens, clipIds)]
  const [{ height, width }] = images as [RgbImage]
  return [
    of('t5_tokens', [2, textTokens, t5.config.hiddenSize], t5Tokens),
    of('clip_tokens', [2, clipIds[0]!.length, clip.config.hiddenSize], clipTokens),
    of(
      'clip_at',
      [2],
      Float32Array.from(clipIds, (ids) => clipPoolPosition(clip.config, ids)),
    ),
    of('images', [2, 3, height, width], joined(images.map(imageToTensor))),
    of('vae_scale_shift', [2], Float32Array.of(vae.config.scalingFactor, vae.config.shiftFactor)),
    of('noise', [1, tokens, inChannels], noise),
    of('rows', [1, rows.length, hiddenSize], joined(rows)),
    of('sigmas', [steps + 1], sigmas),
    of('true_cfg', [1], Float32Array.of(trueCfg)),
    of('timesteps', [steps, 256], sinusoid(modelTimesteps)),
    ...['', 'plain_'].flatMap((prefix, i) => {
      const { cos, sin } = ropes[i]!
      return Object.entries({ cos, sin }).map(([name, table]) => {
        const data = half(table)
        return of(`${prefix}${name}`, [data.length / (headDim / 2), headDim / 2], data)
      })
    }),
  ]
}

async function lookUp(
  table: { lookup(ids: readonly number[]): Promise<Float32Array> },
  all: readonly (readonly number[])[],
): Promise<Float32Array> {
  return joined(await Promise.all(all.map((ids) => table.lookup(ids))))
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const whole = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}
