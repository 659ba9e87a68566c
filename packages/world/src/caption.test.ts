import { expect, test } from 'vitest'
import { captionOf, describe, sameStylePrefix } from './caption.js'
import { patternPhrases } from './patterns.js'
import { markPhrases } from './person/face.js'
import { hairPhrases } from './person/outfit.js'
import { placePhrases } from './places/places.js'
import { planSample, type SamplePlan } from './plan.js'
import { createRng } from './rng.js'
import { renderSample } from './sample.js'
import { type PersonActor, spotPhrases, type ThingActor } from './scene.js'
import { styleNames } from './styles/styles.js'
import { difficultyOf, type Task, tasks } from './tasks.js'
import { captionWords, worldVocabulary } from './vocabulary.js'

const plans = (count: number, task?: Task): SamplePlan[] =>
  Array.from({ length: count }, (_, i) =>
    planSample(
      { task: task ?? tasks[i % tasks.length]!, split: 'train', difficulty: difficultyOf(0.5), boxPx: 64 },
      createRng(`caption ${i}`),
    ),
  )

/** The clause about one actor, as the caption's grammar prescribes it, read back into attributes. */
function readThing(clause: string) {
  const spot = Object.entries(spotPhrases)
    .sort(([, a], [, b]) => b.length - a.length)
    .find(([, phrase]) => clause.includes(` ${phrase}`))?.[0]
  const plain = /^an? (\w+) and (\w+) ([\w-]+)/.exec(clause)
  if (plain) return { colour: plain[1], accent: plain[2], kind: plain[3], pattern: 'plain', spot }
  const patterned = /^an? (\w+) ([\w-]+) with (\w+) (\w+)/.exec(clause)
  if (patterned) return { colour: patterned[1], kind: patterned[2], accent: patterned[3], pattern: patterned[4], spot }
  const referenced = /^the (?:first |second )?([\w-]+)(?: \[ref#(\d)\])?/.exec(clause)!
  return { kind: referenced[1], slot: referenced[2] === undefined ? undefined : Number(referenced[2]), spot }
}

test('what captions say of a single thing reads back as its attributes', () => {
  for (const plan of [...plans(200, 'text'), ...plans(200, 'subject')]) {
    const [actor, second] = plan.scene.actors as (ThingActor | PersonActor)[]
    if (actor!.type !== 'thing' || second !== undefined) continue
    const caption = captionOf(plan, { placeholders: true }).replace('a picture of ', '')
    const clause = /(?:^|, )((?:an?|the) (?!picture).*? (?:on the (?:left|right)|in the middle|at the [a-z ]+))/.exec(
      caption,
    )![1]!
    const { kind, colour, accent, pattern } = actor!.design
    const said = actor!.slot === undefined ? { colour, accent, kind, pattern } : { kind, slot: actor!.slot }
    expect(readThing(clause), caption).toEqual({ ...said, spot: actor!.spot })
  }
})

test('a caption says all that no reference shows, and of a referenced thing its kind alone', () => {
  for (const plan of plans(400)) {
    const caption = captionOf(plan, { placeholders: false })
    for (const { place } of plan.scene.regions) expect(caption).toContain(placePhrases[place])
    for (const actor of plan.scene.actors) {
      expect(caption).toContain(spotPhrases[actor.spot])
      const design = actor.type === 'thing' ? actor.design : actor.person.garment
      const shown = actor.type === 'thing' ? actor.slot !== undefined : actor.garmentSlot !== undefined
      const words =
        design.pattern === 'plain'
          ? `${design.colour} and ${design.accent} ${design.kind}`
          : `${design.colour} ${design.kind} with ${design.accent} ${patternPhrases[design.pattern]}`
      expect(caption.includes(words), caption).toBe(!shown)
      expect(caption).toContain(design.kind)
    }
  }
})

test('a face in a reference is not described; one without is, and the outfit always', () => {
  for (const plan of [...plans(60, 'identity'), ...plans(60, 'try-on'), ...plans(120, 'text')]) {
    const caption = captionOf(plan, { placeholders: false })
    for (const actor of plan.scene.actors) {
      if (actor.type !== 'person') continue
      const { face, outfit } = actor.person
      expect(caption.includes(' skin, ')).toBe(actor.slot === undefined)
      if (actor.slot === undefined) {
        expect(caption).toContain(`${face.skin} skin`)
        expect(caption).toContain(`${face.eyes} eyes`)
        expect(caption).toContain(markPhrases[face.mark])
      }
      expect(caption).toContain(
        outfit.hair === 'bald' ? 'a bald head' : `${hairPhrases[outfit.hair]} ${outfit.hairColour} hair`,
      )
      expect(caption.includes(' glasses')).toBe(outfit.glasses !== 'none')
      if (outfit.hat !== 'none') expect(caption).toContain(`${outfit.hatColour} ${outfit.hat}`)
    }
  }
})

test('each reference but a style has its placeholder in the placeholder caption once, behind its noun; without them the two agree', () => {
  for (const plan of plans(400)) {
    const pointed = captionOf(plan, { placeholders: true })
    const plain = captionOf(plan, { placeholders: false })
    const slots = [...pointed.matchAll(/[a-z] \[ref#(\d)\]/g)].map(([, slot]) => Number(slot)).sort()
    expect(slots).toEqual(plan.references.flatMap(({ shows, slot }) => (shows === 'style' ? [] : [slot])))
    expect(plain).not.toContain('[ref#')
    expect(pointed.replace(/ \[ref#\d\]/g, '')).toBe(plain.replace(/the (first|second) /g, 'the '))
  }
})

test('two references of one kind are told apart as first and second, by slot', () => {
  const twins = plans(400, 'subjects').filter(({ scene: { actors } }) => {
    const kinds = actors.map((actor) => (actor.type === 'thing' ? actor.design.kind : 'person'))
    return kinds[0] === kinds[1]
  })
  expect(twins.length).toBeGreaterThan(30)
  for (const plan of twins) {
    const [one, other] = (plan.scene.actors as ThingActor[]).map(({ design }) => `${design.colour} ${design.pattern}`)
    expect(one).not.toBe(other)
    const caption = captionOf(plan, { placeholders: false })
    for (const actor of plan.scene.actors as ThingActor[]) {
      const ordinal = actor.slot === 1 ? 'first' : 'second'
      expect(caption).toContain(`the ${ordinal} ${actor.design.kind} ${spotPhrases[actor.spot]}`)
    }
  }
})

test('a style is named where words decide it, and never where a picture does', () => {
  for (const plan of plans(400)) {
    const caption = captionOf(plan, { placeholders: false })
    const { style } = plan.scene
    expect(caption.startsWith(sameStylePrefix)).toBe(plan.task === 'style')
    const named = styleNames.filter((name) => caption.endsWith(`, in ${name} style`))
    if (plan.task === 'style') expect(named).toEqual([])
    else if (plan.task === 'style-text' || style !== 'flat') expect(named).toEqual([style])
    else expect(named).toEqual([])
  }
})

test('about half of the captions point at their references; always and never mean what they say', () => {
  let pointed = 0
  for (let index = 0; index < 100; index++) {
    const request = { seed: 'half', index, split: 'train', task: 'subject' } as const
    const half = renderSample(request)
    if (half.caption === half.placeholderCaption) pointed++
    else expect(half.caption).toBe(half.plainCaption)
    expect(renderSample({ ...request, placeholders: 'always' }).caption).toBe(half.placeholderCaption)
    expect(renderSample({ ...request, placeholders: 'never' }).caption).toBe(half.plainCaption)
  }
  expect(pointed).toBeGreaterThan(30)
  expect(pointed).toBeLessThan(70)
})

test('the vocabulary holds exactly the words that captions use', () => {
  const vocabulary = worldVocabulary()
  expect(new Set(vocabulary).size).toBe(vocabulary.length)
  const used = new Set<string>()
  for (const plan of plans(4000)) {
    const caption = captionOf(plan, { placeholders: true })
    expect(caption.replace(/\[ref#\d\]/g, '')).toMatch(/^[a-z ,.:-]+$/)
    for (const word of captionWords(caption)) used.add(word)
    for (const word of captionWords(captionOf(plan, { placeholders: false }))) used.add(word)
  }
  expect([...used].filter((word) => !vocabulary.includes(word))).toEqual([])
  expect(vocabulary.filter((word) => !used.has(word))).toEqual([])
})

test('a description says in words what references show, and needs no reference', () => {
  for (const plan of plans(400)) {
    const said = describe(plan)
    expect(said).toMatch(/^[a-z ,.:-]+$/)
    expect(said).not.toContain(sameStylePrefix)
    for (const actor of plan.scene.actors) {
      const { colour, kind } = actor.type === 'thing' ? actor.design : actor.person.garment
      expect(said).toContain(colour)
      expect(said).toContain(kind)
    }
    if (plan.references.length === 0) expect(said).toBe(captionOf(plan, { placeholders: false }))
    else expect(said).not.toBe(captionOf(plan, { placeholders: false }))
  }
})
