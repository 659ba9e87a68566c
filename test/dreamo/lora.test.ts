// LoRA on a small model: both ways of applying it agree, stacks add up, and what does not fit never runs.
import { join } from 'node:path'
import {
  denoise,
  type EncodedText,
  encodeText,
  gaussianNoise,
  type LoraRequest,
  type Model,
  preset,
  tokenGrid,
  withLoras,
} from '@dreamgraph/dreamo'
import { writeSafetensors } from '@dreamgraph/weights'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { largestDifference, openSmallModel, referenceIn, type SmallModel } from './small-model.js'

const grid = tokenGrid({ width: 32, height: 32 })
const noise = gaussianNoise(grid.rows * grid.columns * 64, { seed: 1n, stream: 'latent', index: 0 })
const tolerance = 2e-5

let small: SmallModel
let text: EncodedText
beforeAll(async () => {
  small = await openSmallModel()
  text = await encodeText(small.base, 'a fox', { maxTokens: 16 })
})
afterAll(() => small.close())

const paint = async (model: Model, references: number[] = []): Promise<Float32Array> =>
  denoise(model, {
    noise,
    grid,
    text,
    references: await Promise.all(references.map((slot) => referenceIn(model, slot))),
    steps: 2,
    guidance: 4,
  })
const apply = (...requests: [file: string, weight: number][]): Promise<Model> =>
  withLoras(
    small.base,
    requests.map(([file, weight]): LoraRequest => ({ path: join(small.folder, file), weight })),
  )
const [cfg, sft] = ['DreamO/dreamo_cfg_distill.safetensors', 'DreamO/v1.1/dreamo_sft_lora.safetensors']

describe('branches beside the weights and sums fused into them are the same numbers', () => {
  test.each(['v1', 'v1.1'] as const)('all LoRA of preset %s, with two references', async (version) => {
    const { loras } = preset(version, { turbo: true })
    const model = await apply(...loras.map(({ file, weight }): [string, number] => [file, weight]))
    expect(model.loras.map(({ weight }) => weight)).toEqual(loras.map(({ weight }) => weight))
    const branches = await paint(model, [1, 2])
    const fused = await paint({ ...model, loraMode: 'fused' }, [1, 2])
    expect(largestDifference(branches, fused)).toBeLessThan(tolerance)
    expect(largestDifference(branches, await paint(small.dreamo, [1, 2]))).toBeGreaterThan(100 * tolerance)
  })
})

describe('weights', () => {
  test('0 changes nothing, opposite ones cancel, halves add up', async () => {
    const plain = await paint(small.base)
    const whole = await paint(await apply([cfg, 1]))
    expect(largestDifference(whole, plain)).toBeGreaterThan(100 * tolerance)
    expect(largestDifference(await paint(await apply([cfg, 0])), plain)).toBeLessThan(tolerance)
    expect(largestDifference(await paint(await apply([cfg, 1], [cfg, -1])), plain)).toBeLessThan(tolerance)
    expect(largestDifference(await paint(await apply([cfg, 0.5], [cfg, 0.5])), whole)).toBeLessThan(tolerance)
  })

  test('the order of a stack does not matter beyond rounding', async () => {
    const [one, other] = [
      await paint(await apply([cfg, 1], [sft, 0.7])),
      await paint(await apply([sft, 0.7], [cfg, 1])),
    ]
    expect(largestDifference(one, other)).toBeLessThan(tolerance)
  })
})

test('adding LoRA gives a new model and leaves the old one as it was', async () => {
  const before = await paint(small.base)
  const model = await apply([sft, 1])
  expect(model.loras).toMatchObject([{ weight: 1, format: 'diffusers' }])
  expect(small.base.loras).toEqual([])
  expect(small.base.adapters.size).toBe(0)
  expect(await paint(small.base)).toEqual(before)
})

test('DreamO’s own file brings its embeddings and words', async () => {
  expect(small.base.embeddings).toBeUndefined()
  expect(small.dreamo.embeddings!.task.length).toBe(2 * small.base.transformer.config.hiddenSize)
  expect(small.dreamo.t5.tokenizer.size).toBe(small.base.t5.tokenizer.size + 10)
  expect((await apply([sft, 1])).embeddings).toBeUndefined()
})

test('a LoRA of another base is refused, with the first keys', async () => {
  const path = join(small.folder, 'other-base.safetensors')
  const tensor = (name: string, shape: number[]) => ({
    name,
    dtype: 'F32' as const,
    shape,
    data: new Float32Array(shape[0] * shape[1]),
  })
  await writeSafetensors(path, [
    tensor('transformer.transformer_blocks.0.attn.to_q.lora_A.weight', [4, 3072]),
    tensor('transformer.transformer_blocks.0.attn.to_q.lora_B.weight', [3072, 4]),
    tensor('transformer.transformer_blocks.7.attn.to_q.lora_A.weight', [4, 64]),
    tensor('transformer.transformer_blocks.7.attn.to_q.lora_B.weight', [64, 4]),
  ])
  const attempt = withLoras(small.base, [{ path, weight: 1 }])
  await expect(attempt).rejects.toMatchObject({ code: 'weights/lora-does-not-fit', userFault: true })
  await expect(attempt).rejects.toThrow(path)
  await expect(attempt).rejects.toThrow('transformer_blocks.0.attn.to_q')
  await expect(attempt).rejects.toThrow('transformer_blocks.7.attn.to_q')
})

test('a LoRA that is not there is named', async () => {
  const path = join(small.folder, 'absent.safetensors')
  await expect(withLoras(small.base, [{ path, weight: 1 }])).rejects.toMatchObject({ userFault: true })
  await expect(withLoras(small.base, [{ path, weight: 1 }])).rejects.toThrow('absent.safetensors')
})
