import { gaussianNoise, Sessions } from '@dreamgraph/dreamo'
import { openRuntime, type TensorData } from '@dreamgraph/runtime'
import { afterAll, describe, expect, it } from 'vitest'
import type { Batch, Bucket } from './batch.js'
import { type BucketOptions, bucketGraph, type NoiseDraw } from './bucket-graph.js'
import { tinyModel } from './testing/tiny.mjs'

const runtime = await openRuntime({ device: 'cpu', threads: 1 })
afterAll(() => runtime.close())

const model = await tinyModel({ rank: 2, seed: 1n })
const variants: BucketOptions = { routing: 'raw', placeholder: 'scaled', recompute: false }
const draw: NoiseDraw = { seed: 5n, times: { kind: 'uniform' }, guidance: 1, weights: { diff: 1, route: 2, holder: 3 } }
const size = (rows: number, columns: number) => ({ height: 16 * rows, width: 16 * columns })
const references = [1, 2].map((slot) => ({ slot, image: size(2, 2) }))
const bucket: Bucket = { batch: 1, image: size(2, 3), references, textTokens: 5 }
const values = (length: number, index: number) => gaussianNoise(length, { seed: 8n, stream: 'latent', index })
const text = values(5 * 32, 2)
const batch: Batch = {
  bucket: 'two',
  task: 'subject',
  latents: values(6 * 64, 0),
  references: values(8 * 64, 1),
  text,
  pooled: values(24, 3),
  masks: values(12, 4).map((value) => (value > 0 ? 1 : 0)),
  placeholders: [[1, 3]],
}

/** Losses and their total on random LoRA. */
async function losses(of: Bucket, given: Batch, options = variants): Promise<Record<string, number>> {
  const graph = bucketGraph(model, of, options)
  const session = await new Sessions(runtime).of('losses', { ...graph.losses, total: graph.total })
  const state: Record<string, TensorData> = {}
  for (const [index, [name, { shape }]] of [...model.trainables].entries()) {
    const data = values(model.initial.get(name)!.length, index).map((value) => 0.1 * value)
    state[name] = { dtype: 'float32', shape, data }
  }
  const { feeds } = await graph.feeds(given, draw)
  const results = await session.run({ ...state, ...feeds })
  return Object.fromEntries(Object.entries(results).map(([name, { data }]) => [name, Number(data[0])]))
}

describe('the losses of a bucket', () => {
  it('add up with their weights; those without what they need weigh nothing', async () => {
    const { diff, route, holder, total } = await losses(bucket, batch)
    expect(total).toBeCloseTo(diff! + 2 * route! + 3 * holder!, 4)
    const { masks: _, placeholders: __, ...plain } = batch
    expect((await losses(bucket, plain)).total).toBeCloseTo(diff!, 5)
    expect((await bucketGraph(model, bucket, variants).feeds(plain, draw)).active).toEqual(['diff'])
  })

  it('within masks is the flow loss over their tokens alone: there and elsewhere make the whole', async () => {
    const all = (masks: (token: number) => number) =>
      losses(bucket, { ...batch, masks: Float32Array.from({ length: 12 }, (_, i) => masks(i % 6)) })
    const everywhere = await all(() => 1)
    expect(everywhere.within).toBeCloseTo(everywhere.diff!, 3)
    const [there, elsewhere] = [await all((token) => Number(token < 2)), await all((token) => Number(token >= 2))]
    expect(there.within! / 3 + (2 * elsewhere.within!) / 3).toBeCloseTo(everywhere.diff!, 3)
    expect(Math.abs(there.within! - elsewhere.within!)).toBeGreaterThan(1e-3)
    expect((await all(() => 0)).within).toBe(0)
    const weights = { ...draw.weights, within: 0.5 }
    const { feeds } = await bucketGraph(model, bucket, variants).feeds(batch, { ...draw, weights })
    expect(feeds['weight/within']?.data[0]).toBe(0.5)
  })

  it('has naming and reading in the layers that are named for them', async () => {
    const options: BucketOptions = { ...variants, namingLayers: [0], readingLayers: [0, 1] }
    const plain = await losses(bucket, batch)
    const both = await losses(bucket, batch, options)
    const { naming, reading, total, ...others } = both
    expect({ ...others, total: plain.total }).toEqual(plain)
    for (const loss of [naming, reading]) expect(loss).toBeGreaterThan(0)
    expect(total).toBeCloseTo(plain.total!, 4) // no weights, as draw has none for them
    const { feeds, active } = await bucketGraph(model, bucket, options).feeds(batch, {
      ...draw,
      weights: { ...draw.weights, naming: 2 },
    })
    expect(active).toEqual(['diff', 'within', 'route', 'holder', 'naming', 'reading'])
    expect([feeds['weight/naming'], feeds['weight/reading']].map((weight) => weight?.data[0])).toEqual([2, 0])
    // Tokens 1 and 3 name the references here; the other way round it is another loss.
    expect((await losses(bucket, { ...batch, placeholders: [[3, 1]] }, options)).naming).not.toBeCloseTo(naming!, 3)
    expect(() => bucketGraph(model, bucket, { ...variants, readingLayers: [9] })).toThrow(
      /readingLayers: expected layers from 0 to \d/,
    )
  })

  it.each(['scaled', 'text'] as const)(
    '%s: the placeholder loss follows the words to other positions',
    async (placeholder) => {
      const moved = new Float32Array(text.length)
      const order = [0, 3, 2, 1, 4] // words 1 and 3 change places
      for (const [to, from] of order.entries()) moved.set(text.subarray(from * 32, from * 32 + 32), to * 32)
      const options = { ...variants, placeholder }
      const here = await losses(bucket, batch, options)
      const there = await losses(bucket, { ...batch, text: moved, placeholders: [[3, 1]] }, options)
      // Text tokens all have position 0, so nothing else tells the two apart.
      expect(there.holder).toBeCloseTo(here.holder!, 5)
      const swapped = await losses(bucket, { ...batch, placeholders: [[3, 1]] }, options)
      expect(Math.abs(swapped.holder! - here.holder!)).toBeGreaterThan(1e-4)
    },
  )
})

describe('dropped reference tokens', () => {
  const part: Bucket = { ...bucket, references: references.map((reference) => ({ ...reference, keptTokens: 4 })) }
  const all = [0, 1, 2, 3]

  it('all kept is as none dropped; another order is the same set', async () => {
    const whole = await losses(bucket, batch)
    expect(await losses(part, { ...batch, keptTokens: [all, all] })).toEqual(whole)
    const token = (at: number) => batch.references.subarray(at * 64, at * 64 + 64)
    const turned = Float32Array.from([3, 2, 1, 0, 4, 5, 6, 7].flatMap((at) => [...token(at)]))
    const other = await losses(part, { ...batch, references: turned, keptTokens: [[3, 2, 1, 0], all] })
    for (const [name, value] of Object.entries(whole)) expect(other[name]).toBeCloseTo(value, 4)
  })

  it('a kept token stays where it was', async () => {
    const one: Bucket = { ...bucket, references: references.map((reference) => ({ ...reference, keptTokens: 1 })) }
    const few = { ...batch, references: batch.references.slice(0, 2 * 64) }
    const [here, there] = [
      await losses(one, { ...few, keptTokens: [[0], [0]] }),
      await losses(one, { ...few, keptTokens: [[3], [0]] }),
    ]
    expect(here.diff).not.toBe(there.diff)
    await expect(bucketGraph(model, one, variants).feeds({ ...few, keptTokens: [[0], [4]] }, draw)).rejects.toThrow(
      /keptTokens\.1: expected 1 tokens below 4, got \[4\]/,
    )
  })
})
