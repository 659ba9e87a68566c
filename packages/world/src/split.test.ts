import fc from 'fast-check'
import { expect, test } from 'vitest'
import { colourNames } from './palette.js'
import { patternNames } from './patterns.js'
import { type Face, faceAttributes } from './person/face.js'
import { garmentKinds } from './person/garments.js'
import { planSample } from './plan.js'
import { createRng } from './rng.js'
import type { Scene } from './scene.js'
import { combinations, drawFaceOf, splitOfDesign, splitOfFace } from './split.js'
import { difficultyOf, tasks } from './tasks.js'
import { thingKinds } from './things/things.js'

test('no scene of a split, nor a style reference of it, shows a combination of the other', () => {
  for (const split of ['train', 'test'] as const) {
    for (let index = 0; index < 1500; index++) {
      const task = tasks[index % tasks.length]!
      const plan = planSample({ task, split, difficulty: difficultyOf(1), boxPx: 64 }, createRng(`${split} ${index}`))
      const others = plan.references.flatMap((reference): Scene[] =>
        reference.shows === 'style' ? [reference.scene] : [],
      )
      for (const actor of [plan.scene, ...others].flatMap(({ actors }) => actors)) {
        if (actor.type === 'thing') expect(splitOfDesign(actor.design)).toBe(split)
        else expect([splitOfFace(actor.person.face), splitOfDesign(actor.person.garment)]).toEqual([split, split])
      }
    }
  }
})

test('of every kind a tenth of the designs is held out, in more than one colour and pattern, and no colour nor pattern is held out whole', () => {
  const kinds = [...thingKinds, ...garmentKinds]
  for (const kind of kinds) {
    const [held, shown] = [combinations(kind, 'test'), combinations(kind, 'train')]
    expect([held.length, shown.length]).toEqual([5, colourNames.length * patternNames.length - 5])
    expect(new Set(held.map(({ colour }) => colour)).size).toBeGreaterThan(1)
    expect(new Set(held.map(({ pattern }) => pattern)).size).toBeGreaterThan(1)
    expect(new Set(shown.map(({ colour }) => colour)).size).toBe(colourNames.length)
    expect(new Set(shown.map(({ pattern }) => pattern)).size).toBe(patternNames.length)
    for (const pair of held) expect(splitOfDesign({ kind, ...pair })).toBe('test')
    for (const pair of shown) expect(splitOfDesign({ kind, ...pair })).toBe('train')
  }
})

test('about a tenth of the faces is held out, whatever their attributes', () => {
  const face = fc.record(
    Object.fromEntries(
      Object.entries(faceAttributes).map(([name, values]) => [name, fc.constantFrom<string>(...values)]),
    ),
  ) as unknown as fc.Arbitrary<Face>
  const faces = fc.sample(face, { seed: 11, numRuns: 4000 })
  const heldOut = faces.filter((each) => splitOfFace(each) === 'test')
  expect(heldOut.length / faces.length).toBeGreaterThan(0.08)
  expect(heldOut.length / faces.length).toBeLessThan(0.12)
  for (const [name, values] of Object.entries(faceAttributes)) {
    expect(new Set(heldOut.map((each) => each[name as keyof Face]))).toEqual(new Set(values))
  }
})

test('the split of a combination is fixed for good', () => {
  expect(splitOfFace(drawFaceOf('test', createRng('pinned')))).toBe('test')
  expect(combinations('mug', 'test')).toMatchInlineSnapshot(`
    [
      {
        "colour": "red",
        "pattern": "checks",
      },
      {
        "colour": "orange",
        "pattern": "stripes",
      },
      {
        "colour": "purple",
        "pattern": "stripes",
      },
      {
        "colour": "blue",
        "pattern": "zigzags",
      },
      {
        "colour": "pink",
        "pattern": "dots",
      },
    ]
  `)
})
