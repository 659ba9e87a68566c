import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { drawScene } from './draw-scene.js'
import type { Picture } from './picture.js'
import { renderSample, type Sample } from './sample.js'
import { difficultyOf, tasks } from './tasks.js'

const digest = (...parts: (Uint8Array | string)[]): string => {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return hash.digest('hex').slice(0, 16)
}

const digestOf = (sample: Sample): string =>
  digest(
    sample.caption,
    sample.target.data,
    ...sample.references.flatMap(({ picture, mask, targetMask }) => [
      picture.data,
      mask.data,
      targetMask?.data ?? 'everywhere',
    ]),
  )

const pixelAt = ({ data, width }: Picture, x: number, y: number) => data.subarray((y * width + x) * 3).subarray(0, 3)

const near = (one: Uint8Array, other: Uint8Array) => one.every((channel, c) => Math.abs(channel - other[c]!) <= 16)

test('a sample depends on its request alone: same bytes in another order and under a bigint seed', () => {
  const first = tasks.map((task, index) => digestOf(renderSample({ seed: '7', index, split: 'train', task })))
  const again = tasks.map((task, index) => digestOf(renderSample({ seed: 7n, index, split: 'train', task }))).reverse()
  const reversed = [...tasks.entries()]
    .reverse()
    .map(([index, task]) => digestOf(renderSample({ seed: 7n, index, split: 'train', task })))
  expect(again.reverse()).toEqual(first)
  expect(reversed.reverse()).toEqual(first)
  expect(new Set(first).size).toBe(tasks.length)
})

test('plans and captions are the same on every machine', () => {
  const said = tasks.flatMap((task, index) => {
    const { caption, plainCaption, scene } = renderSample({ seed: 'pin', index, split: 'test', task })
    return [caption, plainCaption, JSON.stringify(scene)]
  })
  expect(digest(...said)).toMatchInlineSnapshot(`"0051f0ee50ac47c5"`)
})

// Skia chooses its rasterizer by the processor's instructions, and another one may round otherwise.
const sameRasterizer =
  process.platform === 'linux' && process.arch === 'x64' && readFileSync('/proc/cpuinfo', 'latin1').includes('avx512f')

test.runIf(sameRasterizer)(
  'pictures are pinned to the byte (skipped but on Linux x64 with AVX-512: not the same rasterizer)',
  () => {
    const digests = tasks.map((task, index) =>
      digestOf(renderSample({ seed: 'pin', index, split: 'train', task, difficulty: difficultyOf(1) })),
    )
    expect(digests).toMatchInlineSnapshot(`
      [
        "2885f32ec6652e8c",
        "6d9b5d69fa0bc4fd",
        "7787d2a953579155",
        "ef857761a559fc25",
        "f8dacf9bda0dc2e5",
        "98e58642b7a13e3c",
        "6ea348a72206a78f",
        "e25341927cc7f31b",
      ]
    `)
  },
)

test('a mask is exact: outside it the picture is the same without the subject, in every style', () => {
  let checked = 0
  for (let index = 0; index < 48; index++) {
    const task = tasks[3 + (index % 5)]!
    const sample = renderSample({
      seed: 'mask',
      index,
      split: 'train',
      task,
      difficulty: difficultyOf((index % 3) / 2),
    })
    const { masks, picture } = drawScene(sample.scene, { boxPx: 64 })
    sample.scene.actors.forEach((actor, number) => {
      for (const part of actor.type === 'thing' ? (['thing'] as const) : (['face', 'garment'] as const)) {
        const owner = `${part}-${number}` as const
        const without = drawScene(sample.scene, { boxPx: 64, omit: owner }).picture
        const mask = masks.get(owner)!
        let [inside, outside, changed] = [0, 0, 0]
        for (let pixel = 0; pixel < mask.data.length; pixel++) {
          const same = [0, 1, 2].every((c) => picture.data[pixel * 3 + c] === without.data[pixel * 3 + c])
          if (mask.data[pixel] === 255) inside++
          else if (!same) outside++
          if (!same) changed++
        }
        expect(outside, `${owner} of ${index}`).toBe(0)
        expect(inside).toBeGreaterThan(200)
        expect(changed).toBeGreaterThan(0.5 * inside)
        checked++
      }
    })
  }
  expect(checked).toBeGreaterThan(60)
})

test('masks are 0 or 255, of the size of their picture, and never empty', () => {
  for (let index = 0; index < 120; index++) {
    const sample = renderSample({ seed: 'sizes', index, split: 'train', difficulty: difficultyOf(index % 2) })
    for (const { mask, picture, targetMask, task } of sample.references) {
      expect([picture.width, picture.height, picture.data.length]).toEqual([64, 64, 64 * 64 * 3])
      expect(new Set([...mask.data, 0, 255])).toEqual(new Set([0, 255]))
      expect(targetMask === undefined).toBe(task === 'style')
      if (targetMask === undefined) continue
      expect(targetMask.data.length).toBe(128 * 128)
      expect(new Set(targetMask.data)).toEqual(new Set([0, 255]))
    }
  }
})

test.each(['subject', 'subjects', 'columns', 'identity', 'try-on'] as const)(
  'at difficulty 0, %s shows its references pixel upon pixel, on the token grid',
  (task) => {
    for (let index = 0; index < 10; index++) {
      const referenceSizePx = index % 2 === 0 ? 64 : 48
      const { references, scene, target } = renderSample({ seed: 'grid', index, split: 'train', task, referenceSizePx })
      for (const { mask, picture, slot, targetMask } of references) {
        const actor = scene.actors.find(
          (each) => each.slot === slot || ('garmentSlot' in each && each.garmentSlot === slot),
        )!
        const { xPx, yPx: topPx } = actor.placement
        const yPx = actor.slot === slot ? topPx : topPx + referenceSizePx // a garment hangs below the head
        expect([xPx % 16, yPx % 16]).toEqual([0, 0])
        let same = 0
        let seen = 0
        for (let y = 0; y < referenceSizePx; y++) {
          for (let x = 0; x < referenceSizePx; x++) {
            const hidden = targetMask!.data[(yPx + y) * 128 + xPx + x] === 0 // by hair, a hat, another thing
            if (hidden || mask.data[y * referenceSizePx + x] === 0) continue
            seen++
            if (near(pixelAt(picture, x, y), pixelAt(target, xPx + x, yPx + y))) same++
          }
        }
        expect(seen).toBeGreaterThan(300)
        expect(same / seen).toBeGreaterThan(0.7) // the rest: soft edges, and eyes that look elsewhere
      }
    }
  },
)

test('difficulty moves, scales, mirrors and turns; without it nothing does', () => {
  const seen = { moved: 0, scaled: 0, mirrored: 0, turned: 0, styled: 0 }
  for (let index = 0; index < 40; index++) {
    const request = { seed: 'hard', index, split: 'train', task: 'subject' } as const
    const [calm] = renderSample(request).scene.actors
    expect(calm!.placement).toMatchObject({ scale: 1, flip: false, tiltDeg: 0 })
    const { actors, style } = renderSample({ ...request, difficulty: difficultyOf(1) }).scene
    const { flip, scale, tiltDeg, xPx } = actors[0]!.placement
    if (xPx % 16 !== 0) seen.moved++
    if (Math.abs(scale - 1) > 0.05) seen.scaled++
    if (flip) seen.mirrored++
    if (Math.abs(tiltDeg) > 3) seen.turned++
    if (style !== 'flat') seen.styled++
  }
  for (const count of Object.values(seen)) expect(count).toBeGreaterThan(8)
})

test('slots count from 1, in order, and say nothing about where things stand', () => {
  let firstIsLeft = 0
  for (let index = 0; index < 60; index++) {
    const { references, scene } = renderSample({ seed: 'slots', index, split: 'train', task: 'columns' })
    expect(references.map(({ slot }) => slot)).toEqual([1, 2])
    if (scene.actors.find(({ slot }) => slot === 1)!.spot === 'left') firstIsLeft++
  }
  expect(firstIsLeft).toBeGreaterThan(15)
  expect(firstIsLeft).toBeLessThan(45)
})
