// Batches for the stages: words alone for the base, references for the adapter.
import { joined } from '@dreamgraph/dreamo'
import {
  type Batch,
  type BatchSource,
  type Bucket,
  choose,
  keptTokenCount,
  pickTokens,
  type Rng,
  type StageConfig,
  tokensAt,
} from '@dreamgraph/train'
import type { Captions } from './captions.js'
import { pooledTokens, textTokens } from './configs.js'
import type { SampleWords, TrainingSamples } from './data-files.js'
import { imageSide, referenceSide } from './sizes.js'

const image = { height: imageSide, width: imageSide }
const reference = { height: referenceSide, width: referenceSide }

/**
 * Descriptions in words and their pictures, by the tasks of the stage's mixture, but without their references; a share of the
 * descriptions is empty, so that true guidance is possible.
 */
export function wordsSource(data: TrainingSamples, captions: Captions, stage: StageConfig): BatchSource {
  const { batch } = stage
  const groups = groupsOf(data)
  return {
    buckets: { words: { batch, image, references: [], textTokens, pooledTokens } },
    async next(_, rng) {
      const task = choose(stage.mixture, rng)
      const pool = (groups.get(task) ?? []).flat()
      const samples = Array.from({ length: batch }, () => pool[Math.floor(rng() * pool.length)])
      const said = samples.map((sample) => (rng() < stage.captionDropRate ? '' : data.words[sample].described))
      return {
        bucket: 'words',
        task,
        latents: joined(samples.map((sample) => data.latents(sample))),
        references: new Float32Array(),
        ...textOf(said, captions),
      }
    },
  }
}

/**
 * Pictures with references, by the tasks of the stage's mixture. A batch is of one task and one number of references, and
 * its captions are all empty, all plain or all with placeholders, because a loss is of whole batches.
 */
export function referencesSource(data: TrainingSamples, captions: Captions, stage: StageConfig): BatchSource {
  const kept = keptTokenCount(reference, stage.referenceDropRate)
  const groups = groupsOf(data)
  const buckets = Object.fromEntries(
    [0, 1, 2].map((count): [string, Bucket] => [
      nameOf(count),
      {
        batch: stage.batch,
        image,
        references: Array.from({ length: count }, (_, i) => ({
          slot: i + 1,
          image: reference,
          ...(kept && { keptTokens: kept }),
        })),
        textTokens,
        pooledTokens,
      },
    ]),
  )
  return {
    buckets,
    async next(_, rng) {
      const task = choose(stage.mixture, rng)
      const samples = drawAlike(groups.get(task) ?? [], stage.batch, rng)
      const count = data.words[samples[0]].slots.length
      const [isDropped, isPlain] = [rng() < stage.captionDropRate, rng() < stage.plainCaptionRate]
      // A caption is one of a kind: with its references always in one order it is learnt by heart which of them goes left. 91 % of
      // the captions of the data went right in the end that way, and as many as by chance of any others.
      const isExchanged = samples.map(() => count === 2 && rng() < 0.5)
      const words = samples.map((sample, i) => (isExchanged[i] ? exchanged(data.words[sample]) : data.words[sample]))
      const said = words.map(({ plain, pointed }) => (isDropped ? '' : isPlain ? plain : pointed))
      const keptTokens = kept ? Array.from({ length: count }, () => pickTokens(reference, kept, rng)) : undefined
      const pairs = samples.flatMap((sample, i) =>
        Array.from({ length: count }, (_, at) => [sample, isExchanged[i] ? 1 - at : at] as const),
      )
      const masks = pairs.map(([sample, at]) => data.mask(sample, at))
      // Without placeholders a reference looks for its noun. DreamO knows no such loss; without it two references that only
      // their kinds tell apart stayed in each other's place two times of five.
      const places = samples.map((_, i) =>
        Array.from({ length: count }, (_, at) =>
          isPlain && !isDropped ? captions.nounAt(words[i], at + 1) : captions.placeholderAt(said[i], at + 1),
        ),
      )
      const isNamed = count > 0 && places.flat().every((at) => at !== undefined)
      const batch: Batch = {
        bucket: nameOf(count),
        task,
        latents: joined(samples.map((sample) => data.latents(sample))),
        references: joined(
          pairs.map(([sample, at], i) => tokensAt(data.reference(sample, at), reference, keptTokens?.[i % count])),
        ),
        ...textOf(said, captions),
        ...(keptTokens && { keptTokens }),
        ...(count > 0 && masks.every((mask) => mask !== undefined) && { masks: joined(masks) }),
        ...(isNamed && { placeholders: places as number[][] }),
      }
      return batch
    },
  }
}

const nameOf = (references: number): string => `${references} references`

/** The same sample with its two references in the other order: words that point at one point at the other. */
export function exchanged<W extends Pick<SampleWords, 'plain' | 'pointed'>>(words: W): W {
  const other: Readonly<Record<string, string>> = { '1': '2', '2': '1', first: 'second', second: 'first' }
  return {
    ...words,
    plain: words.plain.replace(/\b(first|second)\b/g, (word) => other[word]),
    pointed: words.pointed.replace(/(?<=\[ref#)[12](?=\])/g, (slot) => other[slot]),
  }
}

/** Samples of each task, by number of references. */
function groupsOf({ words }: TrainingSamples): Map<string, number[][]> {
  const groups = new Map<string, number[][]>()
  for (const [sample, { task, slots }] of words.entries()) {
    const group = groups.get(task) ?? [[], [], []]
    group[slots.length].push(sample)
    groups.set(task, group)
  }
  return groups
}

function drawAlike(group: readonly number[][], count: number, rng: Rng): number[] {
  const all = group.reduce((sum, { length }) => sum + length, 0)
  let left = rng() * all
  const pool = group.find(({ length }) => {
    left -= length
    return left < 0
  })!
  return Array.from({ length: count }, () => pool[Math.floor(rng() * pool.length)])
}

function textOf(said: readonly string[], captions: Captions): Pick<Batch, 'text' | 'pooled'> {
  const ids = said.map((caption) => captions.ids(caption))
  return { text: ids.map(({ text }) => text), pooled: ids.map(({ pooled }) => pooled) }
}
