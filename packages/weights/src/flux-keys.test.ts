import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openTransformer } from './components.js'
import { encodeFloats } from './encode.js'
import { assertMatch, matchWeights } from './match.js'
import { readTensor, toFloat32 } from './read.js'
import { patch, writeHollow } from './testing/files.js'
import { goldenPath } from './testing/golden.js'
import { bflShapes, fluxDev, fluxShapes, parameterCount } from './testing/shapes.js'
import type { WeightSet } from './view.js'
import { type TensorSource, writeSafetensors } from './write.js'

let dir = ''
let official: WeightSet
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'weights-flux-'))
  official = (await openTransformer(goldenPath('flux_tiny/weights/transformer'))).weights
})
afterAll(() => rm(dir, { recursive: true, force: true }))

/** Stacks tensors of the official folder, as the original layout does. */
async function stack(names: readonly string[]): Promise<Uint8Array> {
  return Buffer.concat(await Promise.all(names.map((name) => readTensor(official.get(name)!))))
}

/** The original layout of flux_tiny, written out by hand: every key, what it is made of, its height over its width. */
async function bflTensors(): Promise<TensorSource[]> {
  const tensors: TensorSource[] = []
  const add = async (name: string, modules: readonly string[], parameters = ['weight', 'bias']) => {
    for (const parameter of parameters) {
      const names = modules.map((module) => `${module}.${parameter}`)
      const shapes = names.map((part) => official.get(part)!.shape)
      const shape = [shapes.reduce((sum, [height]) => sum + height!, 0), ...shapes[0]!.slice(1)]
      const key = parameters.length === 1 ? name : `${name}.${parameter}`
      tensors.push({ name: key, dtype: 'F32', shape, data: await stack(names) })
    }
  }
  await add('img_in', ['x_embedder'])
  await add('txt_in', ['context_embedder'])
  for (const [from, to] of [
    ['time_in', 'timestep_embedder'],
    ['vector_in', 'text_embedder'],
    ['guidance_in', 'guidance_embedder'],
  ]) {
    await add(`${from}.in_layer`, [`time_text_embed.${to}.linear_1`])
    await add(`${from}.out_layer`, [`time_text_embed.${to}.linear_2`])
  }
  for (let i = 0; i < 2; i++) {
    const to = `transformer_blocks.${i}`
    for (const [kind, modulation, qkv, added, out, ff] of [
      ['img', 'norm1', ['to_q', 'to_k', 'to_v'], '', 'to_out.0', 'ff'],
      ['txt', 'norm1_context', ['add_q_proj', 'add_k_proj', 'add_v_proj'], 'added_', 'to_add_out', 'ff_context'],
    ] as const) {
      const at = `double_blocks.${i}.${kind}`
      await add(`${at}_mod.lin`, [`${to}.${modulation}.linear`])
      await add(
        `${at}_attn.qkv`,
        qkv.map((name) => `${to}.attn.${name}`),
      )
      await add(`${at}_attn.norm.query_norm.scale`, [`${to}.attn.norm_${added}q`], ['weight'])
      await add(`${at}_attn.norm.key_norm.scale`, [`${to}.attn.norm_${added}k`], ['weight'])
      await add(`${at}_attn.proj`, [`${to}.attn.${out}`])
      await add(`${at}_mlp.0`, [`${to}.${ff}.net.0.proj`])
      await add(`${at}_mlp.2`, [`${to}.${ff}.net.2`])
    }
  }
  for (let i = 0; i < 3; i++) {
    const [at, to] = [`single_blocks.${i}`, `single_transformer_blocks.${i}`]
    await add(`${at}.modulation.lin`, [`${to}.norm.linear`])
    await add(`${at}.linear1`, [`${to}.attn.to_q`, `${to}.attn.to_k`, `${to}.attn.to_v`, `${to}.proj_mlp`])
    await add(`${at}.linear2`, [`${to}.proj_out`])
    await add(`${at}.norm.query_norm.scale`, [`${to}.attn.norm_q`], ['weight'])
    await add(`${at}.norm.key_norm.scale`, [`${to}.attn.norm_k`], ['weight'])
  }
  await add('final_layer.linear', ['proj_out'])
  await add('final_layer.adaLN_modulation.1', ['norm_out.linear'])
  // diffusers [scale, shift] → original [shift, scale]
  return tensors.map((tensor) => {
    if (!tensor.name.startsWith('final_layer.adaLN')) return tensor
    const bytes = tensor.data as Uint8Array
    const half = bytes.byteLength / 2
    return { ...tensor, data: Buffer.concat([bytes.subarray(half), bytes.subarray(0, half)]) }
  })
}

test.each(['', 'model.diffusion_model.'])(
  'a file in the original layout gives the same bytes, prefix %j',
  async (prefix) => {
    const file = join(dir, 'flux1-tiny.safetensors')
    const other: TensorSource = {
      name: 'vae.decoder.conv_in.bias',
      dtype: 'F32',
      shape: [1],
      data: new Float32Array(1),
    }
    const tensors = (await bflTensors()).map((tensor) => ({ ...tensor, name: prefix + tensor.name }))
    await writeSafetensors(file, prefix ? [...tensors, other] : tensors)
    const opened = await openTransformer(file)
    expect(opened).toMatchObject({ layout: 'bfl', prefix, ignored: [] })
    const report = matchWeights(official.values(), opened.weights)
    assertMatch(report, file, { unexpected: 'refuse' })
    expect(report.matched).toHaveLength(official.size)
    for (const [name, view] of official) {
      expect(opened.weights.get(name)!.name).toBe(name)
      expect(Buffer.compare(await readTensor(opened.weights.get(name)!), await readTensor(view)), name).toBe(0)
    }
  },
)

test('fp8 with a factor per weight: both spellings, factors on the parts of a fused weight', async () => {
  const file = join(dir, 'fp8.safetensors')
  const tensors: TensorSource[] = []
  let spelling = 0
  for (const tensor of await bflTensors()) {
    if (tensor.shape.length !== 2) {
      tensors.push(tensor)
      continue
    }
    const bytes = tensor.data as Uint8Array
    const values = new Float32Array(new Uint8Array(bytes).buffer)
    const largest = values.reduce((max, value) => Math.max(max, Math.abs(value)), 0)
    const factor = Math.fround(largest / 448)
    const module = tensor.name.replace(/\.weight$/, '')
    const stored = encodeFloats(
      values.map((value) => value / factor),
      'F8_E4M3',
      tensor.name,
    )
    const [scale, input] = spelling++ % 2 ? ['scale_weight', 'scale_input'] : ['weight_scale', 'input_scale']
    tensors.push({ ...tensor, dtype: 'F8_E4M3', data: stored })
    tensors.push({ name: `${module}.${scale}`, dtype: 'F32', shape: [], data: new Float32Array([factor]) })
    tensors.push({ name: `${module}.${input}`, dtype: 'F32', shape: [], data: new Float32Array([1]) })
  }
  tensors.push({ name: 'scaled_fp8', dtype: 'F8_E4M3', shape: [2], data: new Uint8Array(2) })
  await writeSafetensors(file, tensors)
  const { weights, ignored } = await openTransformer(file)
  assertMatch(matchWeights(official.values(), weights), file, { unexpected: 'refuse' })
  expect(ignored).toContain('scaled_fp8')
  for (const name of [
    'transformer_blocks.1.attn.to_k.weight',
    'single_transformer_blocks.2.proj_mlp.weight',
    'norm_out.linear.weight',
  ]) {
    const want = await toFloat32(official.get(name)!)
    const got = await toFloat32(weights.get(name)!)
    const largest = want.reduce((max, value) => Math.max(max, Math.abs(value)), 0)
    // E4M3 keeps 4 significant bits, so half a step is 1/16 of a value; the factor is of the whole fused tensor.
    for (const [i, value] of want.entries())
      expect(Math.abs(got[i]! - value)).toBeLessThanOrEqual(Math.abs(value) / 16 + largest / 500)
  }
})

test.each([
  ['two factors', { name: 'img_in.weight_scale', dtype: 'F32', shape: [2], data: new Float32Array([1, 1]) }],
  ['a factor of zero', { name: 'img_in.scale_weight', dtype: 'F32', shape: [], data: new Float32Array([0]) }],
  [
    'a packed format',
    { name: 'img_in.comfy_quant', dtype: 'U8', shape: [19], data: new TextEncoder().encode('{"format": "nvfp4"}') },
  ],
] as [string, TensorSource][])('refuses %s instead of reading noise', async (_, extra) => {
  const file = join(dir, 'unsupported.safetensors')
  await writeSafetensors(file, [
    { name: 'img_in.weight', dtype: 'F8_E4M3', shape: [2, 2], data: new Uint8Array(4) },
    extra,
  ])
  await expect(openTransformer(file)).rejects.toMatchObject({ code: 'weights/scale-unsupported' })
})

test('a fused weight of the wrong height is a typed error', async () => {
  const file = join(dir, 'odd.safetensors')
  await writeSafetensors(file, [
    { name: 'img_in.weight', dtype: 'U8', shape: [4, 2], data: new Uint8Array(8) },
    { name: 'double_blocks.0.img_attn.qkv.weight', dtype: 'U8', shape: [13, 4], data: new Uint8Array(52) },
  ])
  await expect(openTransformer(file)).rejects.toThrow(/expected 12 stacked rows .* got 13/)
})

test('FLUX.1-dev and schnell at full size: every tensor of the model, none left over', async () => {
  const counted = [
    { size: fluxDev, tensors: 1160, parameters: 11_901_408_320 },
    { size: { ...fluxDev, hasGuidance: false }, tensors: 1156, parameters: 11_891_178_560 },
  ]
  for (const { size, tensors, parameters } of counted) {
    const file = join(dir, 'flux1.safetensors')
    await writeHollow(file, bflShapes(size), 'BF16')
    const { weights, layout } = await openTransformer(file)
    expect(layout).toBe('bfl')
    const expected = fluxShapes(size)
    const report = matchWeights(expected, weights)
    assertMatch(report, file, { unexpected: 'refuse' })
    expect(report.matched).toHaveLength(tensors)
    expect(parameterCount(expected)).toBe(parameters)
    expect(parameterCount(weights.values())).toBe(parameters)
  }
})

test('rows of a fused weight come from their place in a 24 GB file', async () => {
  const file = join(dir, 'flux1.safetensors')
  await writeHollow(file, bflShapes(fluxDev), 'BF16')
  const { weights } = await openTransformer(file)
  const v = weights.get('single_transformer_blocks.37.attn.to_v.bias')!
  const [part] = v.parts
  expect(part!.offset).toBeGreaterThan(2 ** 34)
  await patch(file, part!.offset + 2, encodeFloats(new Float32Array([-1.5]), 'BF16', 'v'))
  expect((await toFloat32(v))[1]).toBe(-1.5)
})
