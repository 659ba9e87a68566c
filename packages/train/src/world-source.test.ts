import { difficultyOf, tasks } from '@dreamgraph/world'
import { describe, expect, it } from 'vitest'
import { rngOf } from './random.js'
import type { SampleEncoder } from './sample-encoder.js'
import { parseTrainConfig, type StageConfig } from './train-config.js'
import { worldSource } from './world-source.js'

/** Latents of one channel: the sum of each token's pixels would do, the first pixel's red is enough to tell pictures apart. */
const encoder: SampleEncoder = {
  textTokens: 3,
  picture: async ({ width, height, data }) =>
    Float32Array.from({ length: (width / 16) * (height / 16) }, (_, i) => data[(i * data.length) % (data.length - 1)]!),
  async caption(text) {
    const at = (slot: number) => text.split(' ').indexOf(`[ref#${slot}]`)
    return {
      text: [text.length, 0, 0],
      pooled: Float32Array.of(text.length),
      placeholderAt: (slot) => (at(slot) < 0 ? undefined : at(slot)),
    }
  },
}
const world = { seed: 5n, difficulty: difficultyOf(0), samples: 6, referenceSizePx: 64 } as const

const source = (change: Partial<StageConfig>) => {
  const [stage] = parseTrainConfig({ stages: [{ name: 'a', steps: 1, batch: 3, mixture: { subject: 1 } }] }).stages
  return worldSource({ stage: { ...stage!, captionDropRate: 0, plainCaptionRate: 0, ...change }, encoder, world })
}

describe('the picture world as a source', () => {
  it.each(tasks)('gives what the bucket of %s asks for, and depends on the random numbers alone', async (task) => {
    const { buckets, next } = source({ mixture: { [task]: 1 } })
    for (const seed of [1n, 2n, 3n]) {
      const batch = await next(1, rngOf(seed))
      const { references, image } = buckets[batch.bucket]!
      expect(batch.task).toBe(task)
      expect(image).toEqual({ width: 128, height: 128 })
      expect(batch.latents.length).toBe(3 * 64)
      expect(batch.references.length).toBe(3 * 16 * references.length)
      expect(batch.masks?.length).toBe(
        references.length > 0 && task !== 'style' ? 3 * 64 * references.length : undefined,
      )
      expect(await source({ mixture: { [task]: 1 } }).next(9, rngOf(seed))).toEqual(batch)
    }
  })

  it('names every reference in captions with placeholders, and none in plain ones', async () => {
    const named = await source({ mixture: { subjects: 1 } }).next(1, rngOf(4n))
    for (const positions of named.placeholders!) expect(new Set(positions).size).toBe(2)
    expect(await source({ plainCaptionRate: 1 }).next(1, rngOf(4n))).not.toHaveProperty('placeholders')
    const dropped = await source({ captionDropRate: 1 }).next(1, rngOf(4n))
    expect(dropped.text).toEqual([0, 1, 2].map(() => [0, 0, 0]))
  })

  it('has buckets for what the mixture can draw, and drops tokens of references', async () => {
    expect(Object.keys(source({ mixture: { 'try-on': 1, style: 0, text: 2 } }).buckets)).toEqual([
      '0 references',
      '1 references',
      '2 references',
    ])
    const dropping = source({ referenceDropRate: 0.75 })
    expect(dropping.buckets['1 references']!.references[0]).toMatchObject({ keptTokens: 4 })
    const batch = await dropping.next(1, rngOf(1n))
    expect(batch.keptTokens![0]).toHaveLength(4)
    expect(batch.references.length).toBe(3 * 4)
  })

  it('refuses a task that the world has not', () => {
    expect(() => source({ mixture: { dogs: 1 } })).toThrow(/stage a, mixture: expected tasks .*, got "dogs"/)
  })
})
