import { faceAttributes, type Task } from '@dreamgraph/world'
import { expect, test } from 'vitest'
import { partsOf } from '../probe/parts.js'
import { type Prompt, promptsOf } from '../prompts.js'
import { readAs } from '../testing/answers.js'
import { type MetricName, metrics } from './metrics.js'
import { shareOf } from './tally.js'

const promptsOfTask = (task: Task, count: number): Prompt[] => promptsOf({ tasks: [task], count, difficulty: 0 })

const shares = (picture: ReturnType<typeof readAs>): Partial<Record<MetricName, number>> =>
  Object.fromEntries(
    Object.entries(metrics).flatMap(([name, metric]) => {
      const share = shareOf(metric(picture))
      return share === undefined ? [] : [[name, share]]
    }),
  )

const things = (prompt: Prompt) => partsOf(prompt.sample.scene).filter(({ reader }) => reader === 'thing')

const pairs = promptsOfTask('subjects', 24)

/** A prompt of two things that differ in kind and in colour. */
const pair = pairs.find((prompt) => {
  const [one, other] = things(prompt)
  return other && one.truth.kind !== other.truth.kind && one.truth.colour !== other.truth.colour
})!

/** A prompt of two things of one kind. */
const twins = pairs.find((prompt) => {
  const [one, other] = things(prompt)
  return other && one.truth.kind === other.truth.kind
})!

test('where all is right, every share is 1 and nothing is swapped', () => {
  for (const prompt of promptsOf({ tasks: ['text', 'style', 'subjects', 'try-on'], count: 6, difficulty: 0 })) {
    for (const [name, share] of Object.entries(shares(readAs(prompt)))) {
      expect(share, `${prompt.id} ${name}`).toBe(name === 'swap rate' || name === 'leak rate' ? 0 : 1)
    }
  }
})

test('swapped subjects are counted as swapped, also where they are of one kind', () => {
  for (const prompt of [pair, twins]) {
    const [one, other] = things(prompt)
    const swapped = readAs(prompt, (truth, { reader, number }) =>
      reader === 'thing' ? (number === one.number ? other : one).truth : truth,
    )
    expect(shares(swapped)).toMatchObject({ 'swap rate': 1, 'leak rate': 1, 'whole subject': 0, 'two subjects': 0 })
  }
})

test('one attribute of the other thing is a leak, not a swap', () => {
  const [one, other] = things(pair)
  const mixed = readAs(pair, (truth, { reader, number }) =>
    reader === 'thing' && number === one.number ? { ...truth, colour: other.truth.colour } : truth,
  )
  const result = shares(mixed)
  expect(result).toMatchObject({ 'swap rate': 0, 'whole subject': 0.5, 'two subjects': 0, 'subject colour': 0.5 })
  expect(result['subject attributes']).toBe(7 / 8)
  expect(result['leak rate']).toBeGreaterThan(0)
  expect(result['leak rate']).toBeLessThan(0.5)
})

test('a third design is neither swapped nor leaked', () => {
  const [one] = things(pair)
  const kinds = things(pair).map(({ truth }) => truth.kind)
  const strange = ['mug', 'cat', 'boat'].find((kind) => !kinds.includes(kind))!
  const lost = readAs(pair, (truth, { number }) => (number === one.number ? { ...truth, kind: strange } : truth))
  expect(shares(lost)).toMatchObject({ 'swap rate': 0, 'leak rate': 0, 'subject kind': 0.5 })
})

test('a face counts attribute by attribute, a person as a whole, and hair is none of it', () => {
  const [prompt] = promptsOfTask('identity', 1)
  const wrong = readAs(prompt, (truth, { reader }) => (reader === 'face' ? { ...truth, nose: 'none of these' } : truth))
  expect(shares(wrong)).toMatchObject({
    identity: 1 - 1 / Object.keys(faceAttributes).length,
    'same person': 0,
    text: 1,
  })
  const dyed = readAs(prompt, (truth, { reader }) => (reader === 'head' ? { ...truth, hair: 'none of these' } : truth))
  expect(shares(dyed)).toMatchObject({ identity: 1, 'same person': 1 })
  expect(shares(dyed).text).toBeLessThan(1)
})

test('what captions do not say is not asked: no hat, no glasses', () => {
  const persons = promptsOfTask('identity', 24)
  for (const prompt of persons) {
    const [actor] = prompt.sample.scene.actors
    const { hat, glasses } = actor.type === 'person' ? actor.person.outfit : { hat: '', glasses: '' }
    const told = new Map(readAs(prompt).answers.map(({ attribute, told: how }) => [attribute, how]))
    expect([told.get('hat'), told.get('glasses')]).toEqual(
      [hat, glasses].map((worn) => (worn === 'none' ? 'nothing' : 'text')),
    )
  }
})

test('garments count for try-on where a reference shows them, else for the text', () => {
  const naked = (prompt: Prompt) =>
    readAs(prompt, (truth, { reader }) => (reader === 'garment' ? { ...truth, kind: 'none of these' } : truth))
  const [worn, told] = [promptsOfTask('try-on', 1)[0], promptsOfTask('identity', 1)[0]]
  expect(shares(naked(worn))).toMatchObject({ 'try-on': 0.75, 'whole garment': 0 })
  expect(shares(naked(told))['try-on']).toBeUndefined()
  expect(shares(naked(told)).text).toBeLessThan(1)
})

test('styles count by how they were asked for, and a flat picture was not asked for', () => {
  const gray = (task: Task) =>
    promptsOfTask(task, 6).map((prompt) => shares(readAs(prompt, (truth) => ({ ...truth, style: 'none of these' }))))
  for (const result of gray('style')) expect(result).toMatchObject({ 'style by picture': 0, place: 1 })
  for (const result of gray('style-text')) expect(result).toMatchObject({ 'style by text': 0, place: 1 })
  for (const result of gray('subject')) expect(result).not.toHaveProperty('style by text')
})
