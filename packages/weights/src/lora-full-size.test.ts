import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openLora } from './lora.js'
import { assertLoraFits, matchLora } from './match.js'
import { writeHollow } from './testing/files.js'
import { fluxDev, fluxShapes, type NamedShape, parameterCount } from './testing/shapes.js'

let dir = ''
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'weights-lora-full-'))
})
afterAll(() => rm(dir, { recursive: true, force: true }))

const base = new Map(fluxShapes(fluxDev).map(({ name, shape }) => [name, { shape }]))
const rank = 128
const { hidden } = fluxDev
const indexes = (count: number): number[] => Array.from({ length: count }, (_, i) => i)
const pair = (at: string, outSize: number, inSize: number): NamedShape[] => [
  { name: `${at}.down.weight`, shape: [rank, inSize] },
  { name: `${at}.up.weight`, shape: [outSize, rank] },
]

/** DreamO's own layout: every attention projection of FLUX. */
const dreamo: NamedShape[] = [
  ...indexes(19).flatMap((i) =>
    [1, 2].flatMap((stream) => [
      ...pair(`double_blocks.${i}.processor.qkv_lora${stream}`, 3 * hidden, hidden),
      ...pair(`double_blocks.${i}.processor.proj_lora${stream}`, hidden, hidden),
    ]),
  ),
  ...indexes(38).flatMap((i) => [
    ...pair(`single_blocks.${i}.processor.qkv_lora`, 3 * hidden, hidden),
    ...pair(`single_blocks.${i}.processor.proj_lora`, hidden, 5 * hidden),
  ]),
]

test('DreamO at full size: 304 tensors for 304 modules of FLUX.1-dev', async () => {
  expect(dreamo).toHaveLength(304)
  expect(parameterCount(dreamo)).toBe(1_867_776 * rank)
  const file = join(dir, 'dreamo.safetensors')
  await writeHollow(file, dreamo, 'BF16')
  const lora = await openLora(file)
  const report = matchLora(lora, base)
  assertLoraFits(report, file)
  expect(report.matched).toHaveLength(19 * 8 + 38 * 4)
})

test('kohya at full size: every fused and plain linear of the blocks', async () => {
  const kohya = (at: string, outSize: number, inSize: number): NamedShape[] => [
    { name: `lora_unet_${at}.lora_down.weight`, shape: [16, inSize] },
    { name: `lora_unet_${at}.lora_up.weight`, shape: [outSize, 16] },
  ]
  const shapes = [
    ...indexes(19).flatMap((i) =>
      ['img', 'txt'].flatMap((stream) => [
        ...kohya(`double_blocks_${i}_${stream}_attn_qkv`, 3 * hidden, hidden),
        ...kohya(`double_blocks_${i}_${stream}_attn_proj`, hidden, hidden),
        ...kohya(`double_blocks_${i}_${stream}_mlp_0`, 4 * hidden, hidden),
        ...kohya(`double_blocks_${i}_${stream}_mlp_2`, hidden, 4 * hidden),
        ...kohya(`double_blocks_${i}_${stream}_mod_lin`, 6 * hidden, hidden),
      ]),
    ),
    ...indexes(38).flatMap((i) => [
      ...kohya(`single_blocks_${i}_linear1`, 7 * hidden, hidden),
      ...kohya(`single_blocks_${i}_linear2`, hidden, 5 * hidden),
      ...kohya(`single_blocks_${i}_modulation_lin`, 3 * hidden, hidden),
    ]),
    ...kohya('time_in_in_layer', hidden, 256),
    ...kohya('final_layer_linear', 64, hidden),
  ]
  const file = join(dir, 'kohya.safetensors')
  await writeHollow(file, shapes, 'BF16')
  const lora = await openLora(file)
  expect(lora.format).toBe('kohya')
  const report = matchLora(lora, base)
  assertLoraFits(report, file)
  expect(report.matched).toHaveLength(19 * 14 + 38 * 6 + 2)
})
