// Batches from a folder of real data: samples are drawn by the mixture, pictures cut to one size, captions varied.
import { type RgbImage, type Size, tokenGrid } from '@dreamgraph/dreamo'
import sharp from 'sharp'
import type { Batch, BatchSource, Bucket } from './batch.js'
import { TrainError } from './errors.js'
import type { DataSample } from './manifest.js'
import { choose, type Rng } from './random.js'
import type { EncodedCaption, SampleEncoder } from './sample-encoder.js'
import { keptTokenCount, maskOfTokens, pickTokens, tokensAt } from './sample-tokens.js'
import type { StageConfig } from './train-config.js'

export interface FolderSourceOptions {
  readonly stage: StageConfig
  readonly encoder: SampleEncoder
  /** Targets are scaled and cropped to this, references scaled and padded with white to theirs; multiples of 16. */
  readonly image: Size
  readonly reference: Size
  /** Most that encoded pictures may take in memory. Default 1 GiB; the rest is encoded anew each time. */
  readonly cacheBytes?: number
}

const bucketOf = (sample: DataSample): string => `${sample.references.length} references`

/**
 * A source over checked samples; a bucket for each number of references. Of a micro-batch, all captions are empty, plain or
 * with placeholders alike. Throws train/manifest-invalid when a task of the mixture has no sample.
 */
export function folderSource(samples: readonly DataSample[], options: FolderSourceOptions): BatchSource {
  const { stage, encoder, image, reference } = options
  for (const [task, ratio] of Object.entries(stage.mixture)) {
    if (ratio === 0 || samples.some((sample) => sample.task === task)) continue
    const rule = `a sample of task "${task}" of stage ${stage.name}'s mixture`
    throw new TrainError('train/manifest-invalid', `data set: expected ${rule}, got none`)
  }
  const kept = keptTokenCount(reference, stage.referenceDropRate)
  const buckets: Record<string, Bucket> = {}
  for (const sample of samples) {
    const references = sample.references.map(({ slot }) => ({
      slot,
      image: reference,
      ...(kept && { keptTokens: kept }),
    }))
    buckets[bucketOf(sample)] ??= { batch: stage.batch, image, references, textTokens: encoder.textTokens }
  }
  const pictures = pictureEncoder(options)
  const masks = remembered<Float32Array>((path) => readMask(path, image))
  const captions = remembered((text: string) => encoder.caption(text))

  return {
    buckets,
    async next(_, rng) {
      const task = choose(stage.mixture, rng)
      const chosen = drawAlike(
        samples.filter((sample) => sample.task === task),
        stage.batch,
        rng,
      )
      const slots = chosen[0].references.length
      const texts = chooseCaptions(chosen, stage, rng)
      const keptTokens = kept ? chosen[0].references.map(() => pickTokens(reference, kept, rng)) : undefined
      const encoded: EncodedCaption[] = []
      const latents: Float32Array[] = []
      const references: Float32Array[] = []
      for (const [i, sample] of chosen.entries()) {
        encoded.push(await captions(texts[i]))
        latents.push(await pictures(sample.target.path, 'target'))
        for (const [slot, { picture }] of sample.references.entries()) {
          references.push(tokensAt(await pictures(picture.path, 'reference'), reference, keptTokens?.[slot]))
        }
      }
      const positions = encoded.map((caption, i) => chosen[i].references.map(({ slot }) => caption.placeholderAt(slot)))
      const isNamed = slots > 0 && positions.flat().every((at) => at !== undefined)
      const maskPaths = chosen.flatMap((sample) => sample.references.flatMap(({ mask }) => mask?.path ?? []))
      const isMasked = slots > 0 && maskPaths.length === slots * chosen.length
      const batch: Batch = {
        bucket: bucketOf(chosen[0]),
        task,
        latents: joined(latents),
        references: joined(references),
        text: joined(encoded.map(({ states }) => states)),
        pooled: joined(encoded.map(({ pooled }) => pooled)),
        ...(keptTokens && { keptTokens }),
        ...(isMasked && { masks: joined(await Promise.all(maskPaths.map(masks))) }),
        ...(isNamed && { placeholders: positions as number[][] }),
      }
      return batch
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

function pictureEncoder({ encoder, image, reference, cacheBytes = 2 ** 30 }: FolderSourceOptions) {
  const cache = new Map<string, Float32Array>()
  let sizeBytes = 0
  return async (path: string, role: 'target' | 'reference'): Promise<Float32Array> => {
    const key = `${role} ${path}`
    const known = cache.get(key)
    if (known) return known
    const fit = role === 'target' ? 'cover' : 'contain'
    const latents = await encoder.picture(await readPicture(path, role === 'target' ? image : reference, fit))
    if (sizeBytes + latents.byteLength <= cacheBytes) {
      sizeBytes += latents.byteLength
      cache.set(key, latents)
    }
    return latents
  }
}

async function readPicture(path: string, { width, height }: Size, fit: 'cover' | 'contain'): Promise<RgbImage> {
  const white = { r: 255, g: 255, b: 255 }
  const resized = sharp(path).autoOrient().flatten({ background: white }).toColourspace('srgb')
  const { data, info } = await resized
    .resize(width, height, { fit, background: white })
    .raw()
    .toBuffer({ resolveWithObject: true })
  return { width, height, channels: info.channels as RgbImage['channels'], data: new Uint8Array(data) }
}

/** A mask as 0 … 1 for each token, cropped as its target is. */
async function readMask(path: string, size: Size): Promise<Float32Array> {
  const { width, height } = size
  const grey = sharp(path).autoOrient().flatten({ background: '#000' }).toColourspace('b-w')
  const pixels = await grey.resize(width, height, { fit: 'cover' }).extractChannel(0).raw().toBuffer()
  return maskOfTokens(new Uint8Array(pixels), tokenGrid(size))
}

function remembered<T>(make: (key: string) => Promise<T>): (key: string) => Promise<T> {
  const known = new Map<string, Promise<T>>()
  return (key) => {
    const value = known.get(key) ?? make(key)
    known.set(key, value)
    return value
  }
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0))
  parts.reduce((at, part) => {
    all.set(part, at)
    return at + part.length
  }, 0)
  return all
}
