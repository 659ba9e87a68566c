import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gaussianNoise } from '@dreamgraph/dreamo'
import { fuseInto, writeSafetensors } from '@dreamgraph/weights'
import { afterAll, expect, it } from 'vitest'
import { type AdapterFormat, learntAdapter, writeAdapter } from './adapter-file.js'
import { adapterStart, placeholderRowsIn } from './adapter-start.js'
import { tinyModel } from './testing/tiny.mjs'
import { loraDown, loraUp } from './trainable.js'

const root = await mkdtemp(join(tmpdir(), 'adapter-start-'))
afterAll(() => rm(root, { recursive: true }))

const learntWith = async (rank: number) => {
  const model = await tinyModel({ rank, seed: 3n })
  const values = new Map(
    [...model.initial].map(([name, { length }], index) => [
      name,
      gaussianNoise(length, { seed: 5n, stream: 'latent', index }),
    ]),
  )
  return { model, values, learnt: learntAdapter(values, { rank, scale: 0.5, hiddenSize: model.config.hiddenSize }) }
}

/** up·down of a module among a model's values, times its scale. */
function changeOf(values: ReadonlyMap<string, Float32Array>, module: string, rank: number, scale: number) {
  const [down, up] = [values.get(loraDown(module))!, values.get(loraUp(module))!]
  const change = new Float32Array((up.length / rank) * (down.length / rank))
  fuseInto(change, { up, down, rank, scale })
  return change
}

it.each<[AdapterFormat, number]>([
  ['diffusers', 2],
  ['diffusers', 5],
  ['dreamo', 2],
  ['dreamo', 6],
  ['dreamo', 8],
])('a file of %s goes on at rank %i as the adapter that it is', async (format, rank) => {
  const { values, learnt } = await learntWith(2)
  const path = join(root, `${format}-${rank}.safetensors`)
  await writeAdapter(path, learnt, format)
  const model = await tinyModel({ rank, seed: 4n })
  const start = await adapterStart(path, model, { scale: 2 })
  expect([...start.keys()]).toEqual([...model.initial.keys()])
  for (const module of learnt.modules.keys()) {
    const [wanted, got] = [changeOf(values, module, 2, 0.5), changeOf(start, module, rank, 2)]
    const off = got.reduce((most, value, i) => Math.max(most, Math.abs(value - wanted[i])), 0)
    expect(off, module).toBeLessThan(1e-5)
  }
  for (const name of ['task_embedding', 'idx_embedding']) expect(start.get(name)).toEqual(values.get(name))
  expect(await placeholderRowsIn(path)).toEqual(values.get('t5_embedding'))
})

it('no row is dead: where both halves would be zero, down is drawn', async () => {
  const { learnt } = await learntWith(2)
  const path = join(root, 'padded.safetensors')
  await writeAdapter(path, learnt, 'dreamo')
  const model = await tinyModel({ rank: 6, seed: 4n })
  const start = await adapterStart(path, model, { scale: 1 })
  for (const module of learnt.modules.keys()) {
    const down = start.get(loraDown(module))!
    const width = down.length / 6
    for (let r = 0; r < 6; r++)
      expect(down.subarray(r * width, (r + 1) * width).some((value) => value !== 0)).toBe(true)
  }
})

it.each([
  [
    'halves of different rank',
    'lora_B',
    [64, 3],
    2,
    /expected transformer_blocks\.0\.attn\.to_q with halves of one rank, got 2 and 3/,
  ],
  [
    'more than a plain LoRA',
    'dora_scale',
    [64],
    1,
    /expected a plain LoRA, got keys of no known meaning, such as .*dora_scale/,
  ],
])('%s is refused instead of learnt on from', async (name, part, shape, _, message) => {
  const path = join(root, `${name}.safetensors`)
  const q = 'transformer.transformer_blocks.0.attn.to_q'
  const zeros = (key: string, size: readonly number[]) => ({
    ...{ name: `${q}.${key}`, dtype: 'F32' as const, shape: size },
    data: new Float32Array(size.reduce((a, b) => a * b, 1)).fill(1),
  })
  const up = part === 'lora_B' ? shape : [64, 2]
  const more = part === 'lora_B' ? [] : [zeros(part, shape)]
  await writeSafetensors(path, [zeros('lora_A.weight', [2, 64]), zeros('lora_B.weight', up), ...more])
  const model = await tinyModel({ rank: 2, seed: 4n })
  await expect(adapterStart(path, model, { scale: 1 })).rejects.toThrow(message)
})

it('a file of a higher rank is refused by name', async () => {
  const { learnt } = await learntWith(4)
  const path = join(root, 'higher.safetensors')
  await writeAdapter(path, learnt, 'diffusers')
  const model = await tinyModel({ rank: 2, seed: 4n })
  await expect(adapterStart(path, model, { scale: 1 })).rejects.toMatchObject({
    code: 'train/model-unsuitable',
    message: expect.stringMatching(/higher\.safetensors: expected \S+ of the rank that learns, 2, at most, got rank 4/),
  })
})
