import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gaussianNoise } from '@dreamgraph/dreamo'
import {
  assertLoraFits,
  fuseInto,
  loraScales,
  matchLora,
  openLora,
  openSafetensors,
  readFactors,
  toFloat32,
} from '@dreamgraph/weights'
import { afterAll, describe, expect, it } from 'vitest'
import { type AdapterFormat, learntAdapter, writeAdapter } from './adapter-file.js'
import { tinyModel, tinyTransformer } from './testing/tiny.mjs'

const root = await mkdtemp(join(tmpdir(), 'adapter-file-'))
afterAll(() => rm(root, { recursive: true }))

const rank = 2
const scale = 0.5
const model = await tinyModel({ rank, seed: 3n })
const values = new Map(
  [...model.initial].map(([name, { length }], index) => [
    name,
    gaussianNoise(length, { seed: 5n, stream: 'latent', index }),
  ]),
)
const { hiddenSize } = model.config
const learnt = learntAdapter(values, { rank, scale, hiddenSize })

describe.each<[AdapterFormat, string]>([
  ['dreamo', 'xlabs'],
  ['diffusers', 'diffusers'],
])('%s', (format, expectedKeys) => {
  const path = join(root, `${format}.safetensors`)

  it('opens again as the same changes of the same modules, and the same tables', async () => {
    await writeAdapter(path, learnt, format)
    const lora = await openLora(path)
    expect(lora.unknown).toEqual([])
    expect([...lora.modules.keys()].sort()).toEqual([...learnt.modules.keys()].sort())
    assertLoraFits(matchLora(lora, (await tinyTransformer()).weights), path)
    const scales = loraScales(lora.modules, 1)
    for (const [module, pair] of lora.modules) {
      const { down, up } = learnt.modules.get(module)!
      const size = up.shape[0] * down.shape[1]
      const [got, wanted] = [new Float32Array(size), new Float32Array(size)]
      fuseInto(got, await readFactors(pair, scales.get(module)!))
      fuseInto(wanted, { up: up.data, down: down.data, rank, scale })
      expect(got, module).toEqual(wanted) // scale ½ and zeros lose no bit
    }
    expect(await toFloat32(lora.embeddings.task!)).toEqual(values.get('task_embedding'))
    expect(await toFloat32(lora.embeddings.idx!)).toEqual(values.get('idx_embedding'))
  })

  it(`has keys of ${expectedKeys} and one rank, which readers of any age take for scale 1`, async () => {
    await writeAdapter(path, learnt, format)
    const lora = await openLora(path)
    const { tensors } = await openSafetensors(path)
    const isDreamo = format === 'dreamo'
    expect(tensors.has('double_blocks_1_processor.qkv_lora2.up.weight')).toBe(isDreamo)
    expect(tensors.has('single_blocks_2_processor.proj_lora.down.weight')).toBe(isDreamo)
    expect(tensors.has('transformer.transformer_blocks.0.ff.net.2.lora_A.weight')).toBe(true)
    expect(new Set([...lora.modules.values()].map(({ down }) => down.shape[0]))).toEqual(
      new Set([isDreamo ? 3 * rank : rank]),
    )
  })
})

it('modules of a stack that are not all there keep their own names', async () => {
  const path = join(root, 'partial.safetensors')
  const modules = new Map([...learnt.modules].filter(([module]) => module.endsWith('to_q') || module.endsWith('to_k')))
  await writeAdapter(path, { modules, embeddings: new Map() }, 'dreamo')
  expect([...(await openLora(path)).modules.keys()].sort()).toEqual([...modules.keys()].sort())
})

it('a stack of a rank above its width is multiplied out: the same change in fewer numbers; bfloat16 halves them', async () => {
  const rank = 30 // three of them are more than the 64 inputs
  const wide = await tinyModel({ rank, seed: 3n })
  const drawn = new Map(
    [...wide.initial].map(([name, { length }], index) => [
      name,
      gaussianNoise(length, { seed: 6n, stream: 'latent', index }),
    ]),
  )
  const adapter = learntAdapter(drawn, { rank, scale: 1, hiddenSize })
  const path = join(root, 'wide.safetensors')
  await writeAdapter(path, adapter, 'dreamo')
  const lora = await openLora(path)
  const scales = loraScales(lora.modules, 1)
  const width = wide.config.hiddenSize
  expect(Math.max(...[...lora.modules.values()].map(({ down }) => down.shape[0]))).toBe(Math.max(width, rank))
  for (const [module, pair] of lora.modules) {
    const { down, up } = adapter.modules.get(module)!
    const [got, wanted] = [1, 2].map(() => new Float32Array(up.shape[0] * down.shape[1]))
    fuseInto(got!, await readFactors(pair, scales.get(module)!))
    fuseInto(wanted!, { up: up.data, down: down.data, rank, scale: 1 })
    for (const [i, x] of got!.entries()) expect(Math.abs(x - wanted![i]!), module).toBeLessThan(1e-4)
  }
  const half = join(root, 'half.safetensors')
  await writeAdapter(half, adapter, 'dreamo', { dtype: 'BF16' })
  expect([...(await openSafetensors(half)).tensors.values()].every(({ dtype }) => dtype === 'BF16')).toBe(true)
})
