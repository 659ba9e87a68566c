import { expect, test } from 'vitest'
import { drawScene } from './draw-scene.js'
import { accentsFor, colourNames } from './palette.js'
import { patternNames } from './patterns.js'
import { faceAttributes } from './person/face.js'
import { garmentKinds } from './person/garments.js'
import { glassesKinds, hairPhrases, hatKinds } from './person/outfit.js'
import { placeNames } from './places/places.js'
import { planSample } from './plan.js'
import { drawFaceReference, drawGarmentReference, drawThingReference } from './references.js'
import { createRng } from './rng.js'
import { renderSample } from './sample.js'
import { type Scene, spotPhrases } from './scene.js'
import { drawDesign, drawFaceOf } from './split.js'
import { styleNames } from './styles/styles.js'
import { difficultyOf, tasks } from './tasks.js'
import { thingKinds } from './things/things.js'

test.each(['train', 'test'] as const)(
  'every kind, colour, pattern, face, outfit, place, spot and style occurs in %s',
  (split) => {
    const seen = new Set<string>()
    for (let index = 0; index < 2000; index++) {
      const task = tasks[index % tasks.length]!
      const { scene } = planSample({ task, split, difficulty: difficultyOf(0), boxPx: 64 }, createRng(`reach ${index}`))
      for (const word of wordsOf(scene)) seen.add(word)
    }
    const expected = [
      ...[...thingKinds, ...garmentKinds].map((kind) => `kind ${kind}`),
      ...colourNames.map((colour) => `colour ${colour}`),
      ...patternNames.map((pattern) => `pattern ${pattern}`),
      ...Object.entries(faceAttributes).flatMap(([name, values]) => values.map((value) => `${name} ${value}`)),
      ...Object.keys(hairPhrases).map((hair) => `hair ${hair}`),
      ...hatKinds.map((hat) => `hat ${hat}`),
      ...glassesKinds.map((glasses) => `glasses ${glasses}`),
      ...placeNames.map((place) => `place ${place}`),
      ...Object.keys(spotPhrases).map((spot) => `spot ${spot}`),
      ...styleNames.map((style) => `style ${style}`),
    ]
    expect(expected.filter((word) => !seen.has(word))).toEqual([])
  },
)

test('every task is drawn from the mixture, and a weight of 0 never', () => {
  const seen = new Set<string>()
  const mixture = { text: 0, 'style-text': 1, style: 1, subject: 1, subjects: 1, columns: 1, identity: 1, 'try-on': 1 }
  for (let index = 0; index < 80; index++) {
    seen.add(renderSample({ seed: 'mixture', index, split: 'train', mixture }).task)
  }
  expect([...seen].sort()).toEqual(tasks.filter((task) => task !== 'text').sort())
})

test('no two kinds, garments or faces look the same, and every attribute of a face can be seen', () => {
  const rng = createRng('looks')
  const mugs = thingKinds.map((kind) => drawThingReference({ ...drawDesign('mug', 'train', createRng('x')), kind }, 64))
  const clothes = garmentKinds.map((kind) =>
    drawGarmentReference({ ...drawDesign('dress', 'train', createRng('x')), kind }, 64),
  )
  const face = drawFaceOf('train', rng)
  const faces = Object.entries(faceAttributes).flatMap(([name, values]) =>
    values.filter((value) => value !== face[name as keyof typeof face]).map((value) => ({ ...face, [name]: value })),
  )
  const drawnFaces = [face, ...faces].map((each) => drawFaceReference(each, 'none', 64))
  for (const group of [mugs, clothes, drawnFaces]) {
    const looks = group.map(({ picture }) => picture.data)
    for (const [i, one] of looks.entries()) {
      for (const other of looks.slice(i + 1)) expect(differing(one, other)).toBeGreaterThan(8)
    }
  }
})

test('each style and place changes most of the picture', () => {
  const base: Scene = {
    style: 'flat',
    styleSeed: 1,
    regions: [{ xPx: 0, widthPx: 128, place: 'city', seed: '1' }],
    actors: [],
  }
  const pictures = styleNames.map((style) => drawScene({ ...base, style }, { boxPx: 64 }).picture.data)
  const places = placeNames.map(
    (place) => drawScene({ ...base, regions: [{ ...base.regions[0]!, place }] }, { boxPx: 64 }).picture.data,
  )
  for (const group of [pictures, places]) {
    for (const [i, one] of group.entries()) {
      for (const other of group.slice(i + 1)) expect(differing(one, other) / (128 * 128)).toBeGreaterThan(0.3)
    }
  }
})

test('every colour has at least two second colours that stand out on it', () => {
  for (const colour of colourNames) expect(accentsFor[colour].length, colour).toBeGreaterThan(1)
})

function wordsOf({ actors, regions, style }: Scene): string[] {
  const words = [`style ${style}`, ...regions.map(({ place }) => `place ${place}`)]
  for (const actor of actors) {
    const design = actor.type === 'thing' ? actor.design : actor.person.garment
    words.push(`spot ${actor.spot}`, `kind ${design.kind}`, `colour ${design.colour}`, `pattern ${design.pattern}`)
    if (actor.type !== 'person') continue
    for (const [name, value] of Object.entries({ ...actor.person.face, ...actor.person.outfit }))
      words.push(`${name} ${value}`)
  }
  return words
}

/** How many pixels differ. */
function differing(one: Uint8Array, other: Uint8Array): number {
  let count = 0
  for (let at = 0; at < one.length; at += 3) {
    if (one[at] !== other[at] || one[at + 1] !== other[at + 1] || one[at + 2] !== other[at + 2]) count++
  }
  return count
}
