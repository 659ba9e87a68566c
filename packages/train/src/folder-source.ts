// Batches from a folder of real data: samples are drawn by the mixture, pictures cut to one size, captions varied.
import { type RgbImage, type Size, tokenGrid } from '@dreamgraph/dreamo'
import sharp from 'sharp'
import type { BatchSource, Bucket } from './batch.js'
import { batchOf, type EncodedSample } from './encoded-batch.js'
import { TrainError } from './errors.js'
import { keptWithin } from './kept-within.js'
import type { DataSample } from './manifest.js'
import { choose, type Rng } from './random.js'
import { captionBytes, type EncodedCaption, type SampleEncoder } from './sample-encoder.js'
import { keptTokenCount, maskOfTokens, pickTokens } from './sample-tokens.js'
import type { StageConfig } from './train-config.js'

export interface FolderSourceOptions {
  readonly stage: StageConfig
  readonly encoder: SampleEncoder
  /** Targets are scaled and cropped to this, references scaled and padded with white to theirs; multiples of 16. */
  readonly image: Size
  readonly reference: Size
  /** Most that encoded pictures and texts may take in memory. Default 1 GiB; the rest is encoded anew each time. */
  readonly cacheBytes?: number
}

const bucketOf = (sample: DataSample): string => `${sample.references.length} references`

/**
 * A source over checked samples; a bucket for each number of references that the stage's tasks have. Of a micro-batch, all captions are empty, plain or
 * with placeholders alike. Throws train/manifest-invalid when a task of the mixture has no sample.
 */
export function folderSource(samples: readonly DataSample[], options: FolderSourceOptions): BatchSource {
  const { stage, encoder, image, reference, cacheBytes = 2 ** 30 } = options
  for (const [task, ratio] of Object.entries(stage.mixture)) {
    if (ratio === 0 || samples.some((sample) => sample.task === task)) continue
    const rule = `a sample of task "${task}" of stage ${stage.name}'s mixture`
    throw new TrainError('train/manifest-invalid', `data set: expected ${rule}, got none`)
  }
  const kept = keptTokenCount(reference, stage.referenceDropRate)
  const buckets: Record<string, Bucket> = {}
  for (const sample of samples.filter(({ task }) => (stage.mixture[task] ?? 0) > 0)) {
    const references = sample.references.map(({ slot }) => ({
      slot,
      image: reference,
      ...(kept && { keptTokens: kept }),
    }))
    buckets[bucketOf(sample)] ??= { batch: stage.batch, image, references, textTokens: encoder.textTokens }
  }
  // Half of the room is for pictures, half for texts: at full size a caption takes eight megabytes.
  const pictures = keptWithin(cacheBytes / 2, pictureEncoder(options), ({ byteLength }) => byteLength)
  const captions = keptWithin(cacheBytes / 2, (text) => encoder.caption(text), captionBytes)
  const masks = remembered<Float32Array>((path) => readMask(path, image))
  const encode = async (sample: DataSample): Promise<EncodedSample> => {
    const latents = await pictures(`target ${sample.target.path}`)
    const encoded: Float32Array[] = []
    for (const { picture } of sample.references) encoded.push(await pictures(`reference ${picture.path}`))
    const maskPaths = sample.references.flatMap(({ mask }) => mask?.path ?? [])
    return {
      latents,
      references: encoded,
      slots: sample.references.map(({ slot }) => slot),
      ...(maskPaths.length === encoded.length && { masks: await Promise.all(maskPaths.map(masks)) }),
    }
  }

  return {
    buckets,
    async next(_, rng) {
      const task = choose(stage.mixture, rng)
      const chosen = drawAlike(
        samples.filter((sample) => sample.task === task),
        stage.batch,
        rng,
      )
      const texts = chooseCaptions(chosen, stage, rng)
      const keptTokens = kept ? chosen[0].references.map(() => pickTokens(reference, kept, rng)) : undefined
      const encoded: EncodedSample[] = []
      const encodedTexts: EncodedCaption[] = []
      for (const [i, sample] of chosen.entries()) {
        encodedTexts.push(await captions(texts[i]))
        encoded.push(await encode(sample))
      }
      return batchOf(encoded, encodedTexts, { bucket: bucketOf(chosen[0]), task, reference, keptTokens })
    },
  }
}

/** Samples with as many references as the first one drawn; one may come twice. */
function drawAlike(pool: readonly DataSample[], count: number, rng: Rng): DataSample[] {
  const draw = (from: readonly DataSample[]): DataSample => from[Math.floor(rng() * from.length)]
  const first = draw(pool)
  const alike = pool.filter((sample) => bucketOf(sample) === bucketOf(first))
  return [first, ...Array.from({ length: count - 1 }, () => draw(alike))]
}

function chooseCaptions(samples: readonly DataSample[], stage: StageConfig, rng: Rng): string[] {
  const [isDropped, isPlain] = [rng() < stage.captionDropRate, rng() < stage.plainCaptionRate]
  return samples.map(({ caption, plainCaption }) => (isDropped ? '' : isPlain ? plainCaption : caption))
}

/** Encodes the picture of a key, `target PATH` or `reference PATH`. */
function pictureEncoder({ encoder, image, reference }: FolderSourceOptions) {
  return (key: string): Promise<Float32Array> => {
    const [, role, path] = /^(target|reference) (.*)$/s.exec(key)!
    const isTarget = role === 'target'
    return readPicture(path, isTarget ? image : reference, isTarget ? 'cover' : 'contain').then(encoder.picture)
  }
}

async function readPicture(path: string, { width, height }: Size, fit: 'cover' | 'contain'): Promise<RgbImage> {
  const white = { r: 255, g: 255, b: 255 }
  const resized = sharp(path).autoOrient().flatten({ background: white }).toColourspace('srgb')
  const pixels = resized.resize(width, height, { fit, background: white }).raw()
  const { data, info } = await pixels.toBuffer({ resolveWithObject: true }).catch((cause) => unreadable(path, cause))
  return { width, height, channels: info.channels as RgbImage['channels'], data: new Uint8Array(data) }
}

/** A mask as 0 … 1 for each token, cropped as its target is. */
async function readMask(path: string, size: Size): Promise<Float32Array> {
  const { width, height } = size
  const grey = sharp(path).autoOrient().flatten({ background: '#000' }).toColourspace('b-w')
  const cropped = grey.resize(width, height, { fit: 'cover' }).extractChannel(0).raw()
  const pixels = await cropped.toBuffer().catch((cause) => unreadable(path, cause))
  return maskOfTokens(new Uint8Array(pixels), tokenGrid(size))
}

/** All pictures were read once when the data were checked. */
function unreadable(path: string, cause: Error): never {
  const [reason] = cause.message.split('\n')
  throw new TrainError('train/manifest-invalid', `${path}: expected the picture that was there before, got ${reason}`, {
    cause,
  })
}

function remembered<T>(make: (key: string) => Promise<T>): (key: string) => Promise<T> {
  const known = new Map<string, Promise<T>>()
  return (key) => {
    const value = known.get(key) ?? make(key)
    known.set(key, value)
    return value
  }
}
