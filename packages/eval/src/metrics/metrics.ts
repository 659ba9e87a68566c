// The metrics: each a tally over one picture's answers. Shares lie in 0..1; 1 is best unless its comment says otherwise.
import { faceAttributes } from '@dreamgraph/world'
import type { ReaderName } from '../probe/attributes.js'
import { type Answer, isRight, type ReadPicture, type Told } from '../questions.js'
import { none, sumOf, type Tally, tallyOf } from './tally.js'

export type Metric = (picture: ReadPicture) => Tally

/**
 * Subject attribute: right answers / all answers about one attribute of things that a reference shows. Stands for CLIP-I and
 * DINO similarity of subject and reference, which score an embedding where this asks for the attribute by name.
 */
const subject =
  (attribute: string): Metric =>
  ({ answers }) =>
    tallyOf(about(answers, { reader: 'thing', told: 'reference' }).filter(isAbout(attribute)), isRight)

/** Subject attributes: right answers / all answers about things that a reference shows, whatever the attribute. */
const subjectAttributes: Metric = ({ answers }) =>
  tallyOf(about(answers, { reader: 'thing', told: 'reference' }), isRight)

/**
 * Whole subjects: things that a reference shows with kind, colour, accent and pattern all right / all such things. A CLIP-I or
 * DINO similarity above the threshold of "the same object".
 */
const wholeSubject: Metric = ({ answers }) =>
  tallyOf(byPart(about(answers, { reader: 'thing', told: 'reference' })), allRight)

/**
 * Two subjects: pictures of two referenced subjects in which both are right in every attribute / all such pictures. Stands for
 * the multi-subject CLIP-I and DINO of DreamBench's pairs, which average over subjects and so forgive one of them.
 */
const bothSubjects: Metric = ({ answers }) => {
  const parts = byPart(answers.filter(({ told, reader }) => told === 'reference' && isOfSubject(reader)))
  const actors = new Set(parts.map(([{ number }]) => number)) // a person's face and garment are one
  return actors.size < 2 ? none : tallyOf([parts], (both) => both.every(allRight))
}

/**
 * Swap rate, 0 is best: referenced things that read as the other one in every attribute in which the two differ / all things
 * of pairs that differ. No similarity score of the papers shows it: a swapped pair has both subjects.
 */
const swapped: Metric = ({ answers }) =>
  sumOf(
    pairsOf(answers).map(([own, other]) => {
      const differing = differingIn(own, other)
      return differing.length === 0 ? none : tallyOf([differing], (all) => all.every(readsAs(other)))
    }),
  )

/** Leak rate, 0 is best: answers that read as the other thing's / all answers about attributes in which a pair differs. */
const leaked: Metric = ({ answers }) =>
  sumOf(pairsOf(answers).map(([own, other]) => tallyOf(differingIn(own, other), readsAs(other))))

/** Identity: right answers / all answers about the face of persons that a reference shows. Stands for face similarity (ArcFace). */
const identity: Metric = ({ answers }) => tallyOf(facesOf(answers), isRight)

/** Same person: faces right in every attribute / all faces that a reference shows. Face verification: similarity above its threshold. */
const samePerson: Metric = ({ answers }) => tallyOf(byActor(facesOf(answers)), allRight)

/** Try-on: right answers / all answers about garments that a reference shows. Stands for CLIP-I and DINO of garments. */
const garment: Metric = ({ answers }) => tallyOf(about(answers, { reader: 'garment', told: 'reference' }), isRight)

/** Whole garments: right in kind, colour, accent and pattern / all garments that a reference shows. */
const wholeGarment: Metric = ({ answers }) =>
  tallyOf(byPart(about(answers, { reader: 'garment', told: 'reference' })), allRight)

/** Style by a picture: pictures read as the reference's style / all that have one. Stands for CSD similarity of styles. */
const styleByPicture: Metric = ({ answers }) =>
  tallyOf(about(answers, { reader: 'picture', told: 'reference' }).filter(isAbout('style')), isRight)

/** Style by words: pictures read as the style that the caption names / all whose caption names one. Stands for CLIP-T on styles. */
const styleByText: Metric = ({ answers }) =>
  tallyOf(about(answers, { reader: 'picture', told: 'text' }).filter(isAbout('style')), isRight)

/** Place: columns or pictures read as the place that the caption names / all. Stands for CLIP-T on backgrounds. */
const place: Metric = ({ answers }) => tallyOf(answers.filter(isAbout('place')), isRight)

/** Text: right answers / all answers about things and persons that the caption puts into words. Stands for CLIP-T. */
const text: Metric = ({ answers }) =>
  tallyOf(
    answers.filter(({ reader, told }) => told === 'text' && reader !== 'picture'),
    isRight,
  )

/** Name → metric, in the order of tables. */
export const metrics = {
  'subject kind': subject('kind'),
  'subject colour': subject('colour'),
  'subject accent': subject('accent'),
  'subject pattern': subject('pattern'),
  'subject attributes': subjectAttributes,
  'whole subject': wholeSubject,
  'two subjects': bothSubjects,
  'swap rate': swapped,
  'leak rate': leaked,
  identity,
  'same person': samePerson,
  'try-on': garment,
  'whole garment': wholeGarment,
  'style by picture': styleByPicture,
  'style by text': styleByText,
  place,
  text,
} as const satisfies Record<string, Metric>

export type MetricName = keyof typeof metrics

/** Metrics of which less is better. */
export const lessIsBetter: ReadonlySet<string> = new Set<MetricName>(['swap rate', 'leak rate'])

const about = (answers: readonly Answer[], { reader, told }: { reader: ReaderName; told: Told }): Answer[] =>
  answers.filter((answer) => answer.reader === reader && answer.told === told)

const isAbout =
  (attribute: string) =>
  (answer: Answer): boolean =>
    answer.attribute === attribute

const isOfSubject = (reader: ReaderName): boolean => reader !== 'picture'

const facesOf = (answers: readonly Answer[]): Answer[] =>
  answers.filter(({ told, attribute }) => told === 'reference' && attribute in faceAttributes)

const allRight = (answers: readonly Answer[]): boolean => answers.every(isRight)

/** Answers about one part each. */
const byPart = (answers: readonly Answer[]): Answer[][] =>
  groups(answers, ({ reader, number }) => `${reader} ${number}`)

/** Answers about one actor each: a person's head and face are one. */
const byActor = (answers: readonly Answer[]): Answer[][] => groups(answers, ({ number }) => `${number}`)

function groups(answers: readonly Answer[], keyOf: (answer: Answer) => string): Answer[][] {
  const found = new Map<string, Answer[]>()
  for (const answer of answers) found.set(keyOf(answer), [...(found.get(keyOf(answer)) ?? []), answer])
  return [...found.values()]
}

/** Each of two referenced things with the other; none where there are not two. */
function pairsOf(answers: readonly Answer[]): [Answer[], Answer[]][] {
  const things = byPart(about(answers, { reader: 'thing', told: 'reference' }))
  if (things.length !== 2) return []
  return [
    [things[0], things[1]],
    [things[1], things[0]],
  ]
}

const truthOf = (answers: readonly Answer[], attribute: string): string | undefined =>
  answers.find(isAbout(attribute))?.expected

/** A thing's own answers about what tells it from the other. */
const differingIn = (own: readonly Answer[], other: readonly Answer[]): Answer[] =>
  own.filter(({ attribute, expected }) => truthOf(other, attribute) !== expected)

const readsAs =
  (other: readonly Answer[]) =>
  ({ attribute, read }: Answer): boolean =>
    truthOf(other, attribute) === read
