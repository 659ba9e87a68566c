// Batches from the picture world: samples are drawn by the mixture, rendered, and encoded by the model's own encoders.
import { tokenGrid } from '@dreamgraph/dreamo'
import { type Difficulty, renderSample, type Sample, type Task, targetSizePx, tasks } from '@dreamgraph/world'
import type { BatchSource, Bucket } from './batch.js'
import { batchOf, type EncodedSample } from './encoded-batch.js'
import { TrainError } from './errors.js'
import { keptWithin } from './kept-within.js'
import { choose } from './random.js'
import { captionBytes, type EncodedCaption, type SampleEncoder } from './sample-encoder.js'
import { keptTokenCount, maskOfTokens, pickTokens } from './sample-tokens.js'
import type { StageConfig } from './train-config.js'

/** Which part of the world a run sees. */
export interface WorldSettings {
  readonly seed: bigint
  readonly difficulty: Difficulty
  /** Different samples of each task. Few fit into memory encoded and are fast; many keep a model from learning them by heart. */
  readonly samples: number
  readonly referenceSizePx: 48 | 64
}

export interface WorldSourceOptions {
  readonly stage: StageConfig
  readonly encoder: SampleEncoder
  readonly world: WorldSettings
  /** Most that encoded samples may take in memory. Default 1 GiB; the rest is rendered and encoded anew each time. */
  readonly cacheBytes?: number
}

interface WorldSample extends EncodedSample {
  readonly plainCaption: string
  readonly placeholderCaption: string
}

/** How many references a task's samples have. */
const referenceCounts: Readonly<Record<Task, readonly number[]>> = {
  text: [0],
  'style-text': [0],
  style: [1],
  subject: [1],
  subjects: [2],
  columns: [2],
  identity: [1],
  'try-on': [1, 2], // a garment, with a face or without
}

const image = { height: targetSizePx, width: targetSizePx }
const bucketOf = (references: number): string => `${references} references`

/**
 * A source over the world's `train` split; a bucket for each number of references. Of a micro-batch, all captions are
 * empty, plain or with placeholders alike. Throws train/config-invalid when the mixture names a task that the world lacks.
 */
export function worldSource({ stage, encoder, world, cacheBytes = 2 ** 30 }: WorldSourceOptions): BatchSource {
  checkWorldMixture(stage)
  const reference = { height: world.referenceSizePx, width: world.referenceSizePx }
  const kept = keptTokenCount(reference, stage.referenceDropRate)
  const render = (task: Task, index: number): Sample =>
    renderSample({ ...world, index, split: 'train', task, placeholders: 'always' })
  const counts = new Map<string, number>()
  const countOf = (task: Task, index: number): number => {
    const [count, other] = referenceCounts[task]
    if (other === undefined) return count
    const key = `${task} ${index}`
    const known = counts.get(key) ?? render(task, index).references.length
    counts.set(key, known)
    return known
  }
  const encodeSample = async (key: string): Promise<WorldSample> => {
    const [task, index] = key.split(' ')
    const { target, references, plainCaption, placeholderCaption } = render(task as Task, Number(index))
    const picture = ({ width, height, data }: Sample['target']): Promise<Float32Array> =>
      encoder.picture({ width, height, channels: 3, data })
    const latents = await picture(target)
    const encoded: Float32Array[] = []
    for (const reference of references) encoded.push(await picture(reference.picture))
    const masks = references.flatMap(({ targetMask }) =>
      targetMask ? [maskOfTokens(targetMask.data, tokenGrid(image))] : [],
    )
    return {
      latents,
      references: encoded,
      ...(masks.length === references.length && masks.length > 0 && { masks }),
      slots: references.map(({ slot }) => slot),
      plainCaption,
      placeholderCaption,
    }
  }
  // Half of the room is for pictures, half for texts: at full size a caption takes eight megabytes.
  const samples = keptWithin(cacheBytes / 2, encodeSample, ({ latents, references, masks = [] }) =>
    [latents, ...references, ...masks].reduce((sum, { byteLength }) => sum + byteLength, 0),
  )
  const captions = keptWithin(cacheBytes / 2, (text) => encoder.caption(text), captionBytes)

  return {
    buckets: bucketsOf(stage, { encoder, reference, kept }),
    async next(_, rng) {
      const task = choose(stage.mixture, rng) as Task
      const drawn = drawAlike(
        stage.batch,
        () => Math.floor(rng() * world.samples),
        (index) => countOf(task, index),
      )
      const [isDropped, isPlain] = [rng() < stage.captionDropRate, rng() < stage.plainCaptionRate]
      const slots = countOf(task, drawn[0])
      const keptTokens = kept ? Array.from({ length: slots }, () => pickTokens(reference, kept, rng)) : undefined
      const encoded: WorldSample[] = []
      const texts: EncodedCaption[] = []
      for (const index of drawn) {
        const sample = await samples(`${task} ${index}`)
        encoded.push(sample)
        texts.push(await captions(isDropped ? '' : isPlain ? sample.plainCaption : sample.placeholderCaption))
      }
      return batchOf(encoded, texts, { bucket: bucketOf(slots), task, reference, keptTokens })
    },
  }
}

/** Throws train/config-invalid unless the world has every task of a stage's mixture. */
export function checkWorldMixture({ name, mixture }: StageConfig): void {
  const unknown = Object.keys(mixture).find((task) => !(tasks as readonly string[]).includes(task))
  if (unknown === undefined) return
  const rule = `tasks of the picture world (${tasks.join(', ')})`
  throw new TrainError('train/config-invalid', `stage ${name}, mixture: expected ${rule}, got "${unknown}"`)
}

function bucketsOf(
  { mixture, batch }: StageConfig,
  { encoder, reference, kept }: { encoder: SampleEncoder; reference: typeof image; kept: number | undefined },
): Record<string, Bucket> {
  const drawn = tasks.filter((task) => (mixture[task] ?? 0) > 0).flatMap((task) => referenceCounts[task])
  const bucket = (count: number): Bucket => ({
    batch,
    image,
    references: Array.from({ length: count }, (_, i) => ({
      slot: i + 1,
      image: reference,
      ...(kept && { keptTokens: kept }),
    })),
    textTokens: encoder.textTokens,
  })
  return Object.fromEntries([...new Set(drawn)].sort().map((count) => [bucketOf(count), bucket(count)]))
}

/** Draws as many samples as a batch has, all with as many references as the first. */
function drawAlike(batch: number, draw: () => number, countOf: (index: number) => number): number[] {
  const drawn = [draw()]
  while (drawn.length < batch) {
    const index = draw()
    if (countOf(index) === countOf(drawn[0])) drawn.push(index)
  }
  return drawn
}
