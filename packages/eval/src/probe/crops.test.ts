import { difficultyOf, renderSample, type Task } from '@dreamgraph/world'
import { expect, test } from 'vitest'
import { cropOf, cropSizePx } from './crops.js'
import { partsOf } from './parts.js'

const draw = (task: Task, index = 0, level = 0) =>
  renderSample({ seed: 'crops', index, split: 'test', task, difficulty: difficultyOf(level) })

/** Bytes of a crop, rows of pixels. */
function bytesOf(crop: Float32Array): Uint8Array {
  const plane = crop.length / 3
  return Uint8Array.from({ length: crop.length }, (_, i) =>
    Math.round((crop[(i % 3) * plane + Math.floor(i / 3)] + 1) * 127.5),
  )
}

test('on the grid, a crop is the pixels of the box', () => {
  const { target, scene } = draw('subject')
  const [{ square, reader }] = partsOf(scene)
  const { xPx, yPx } = scene.actors[0].placement
  const crop = bytesOf(cropOf(target, square, cropSizePx[reader]))
  for (const [x, y] of [
    [0, 0],
    [63, 0],
    [20, 41],
    [63, 63],
  ]) {
    const from = ((yPx + y) * target.width + xPx + x) * 3
    expect([...crop.subarray((y * 64 + x) * 3, (y * 64 + x) * 3 + 3)]).toEqual([
      ...target.data.subarray(from, from + 3),
    ])
  }
})

test('what a mask covers lies in its square, however loosely it stands', () => {
  for (let index = 0; index < 12; index++) {
    const { references, scene } = draw('subject', index, 1)
    const [{ square }] = partsOf(scene)
    const mask = references[0].targetMask!
    let [count, inside] = [0, 0]
    mask.data.forEach((value, i) => {
      if (value === 0) return
      count++
      const [x, y] = [(i % 128) + 0.5 - square.centreXPx, Math.floor(i / 128) + 0.5 - square.centreYPx]
      if (Math.max(Math.abs(x), Math.abs(y)) <= square.sidePx / 2) inside++
    })
    expect(inside / count).toBeGreaterThan(0.9) // corners that are turned stick out
  }
})

test('a turned person has the head where its face is drawn', () => {
  for (let index = 0; index < 12; index++) {
    const { references, scene } = draw('identity', index, 1)
    const { square } = partsOf(scene).find(({ reader }) => reader === 'head')!
    let [count, sumX, sumY] = [0, 0, 0]
    references[0].targetMask!.data.forEach((value, i) => {
      if (value === 0) return
      count++
      sumX += (i % 128) + 0.5
      sumY += Math.floor(i / 128) + 0.5
    })
    expect(Math.hypot(sumX / count - square.centreXPx, sumY / count - square.centreYPx)).toBeLessThan(15) // turned the wrong way, it would be up to 22
  }
})

test('beyond the edge, the edge is repeated', () => {
  const { target } = draw('subject')
  const crop = bytesOf(cropOf(target, { centreXPx: 0, centreYPx: 64, sidePx: 64 }, 64))
  for (let x = 1; x < 32; x++) expect([...crop.subarray(x * 3, x * 3 + 3)]).toEqual([...crop.subarray(0, 3)])
})

test('a column is read as if columns like it stood side by side', () => {
  const { target, scene } = draw('columns')
  const pictures = partsOf(scene).filter(({ reader }) => reader === 'picture')
  expect(pictures.map(({ truth }) => truth.place)).toEqual(scene.regions.map(({ place }) => place))
  const crop = bytesOf(cropOf(target, pictures[1].square, 128))
  const row = (from: number, data: Uint8Array): number[] => [...data.subarray(from * 3, (from + 64) * 3)]
  expect(row(0, crop)).toEqual(row(64, target.data))
  expect(row(64, crop)).toEqual(row(64, target.data))
})

test('colours are asked for only in styles that keep them, those of hats and hair where there are any', () => {
  for (let index = 0; index < 60; index++) {
    const { scene } = draw('style-text', index)
    const gray = ['pencil', 'duotone', 'neon'].includes(scene.style)
    for (const { reader, truth } of partsOf(scene)) {
      if (reader === 'picture') expect(truth).toMatchObject({ style: scene.style })
      else expect('colour' in truth || 'skin' in truth || 'eyes' in truth).toBe(!gray)
      if (truth.hat === 'none') expect(truth).not.toHaveProperty('hatColour')
      if ('hat' in truth && truth.hat !== 'none') expect(truth).not.toHaveProperty('hair')
      if (truth.hair === 'bald') expect(truth).not.toHaveProperty('hairColour')
    }
  }
})
