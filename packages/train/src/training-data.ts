// What a run learns from: a folder of pictures or the picture world. Checked first, made into batches later.
import { createHash } from 'node:crypto'
import type { Size } from '@dreamgraph/dreamo'
import type { BatchSource } from './batch.js'
import { folderSource } from './folder-source.js'
import type { DataSample } from './manifest.js'
import type { SampleEncoder } from './sample-encoder.js'
import type { StageConfig } from './train-config.js'
import { checkWorldMixture, type WorldSettings, worldSource } from './world-source.js'

/** Checked samples of a folder, and the sizes in pixels that targets and references are brought to. */
export interface FolderData {
  readonly kind: 'folder'
  readonly samples: readonly DataSample[]
  readonly image: Size
  readonly reference: Size
}

export interface WorldData extends WorldSettings {
  readonly kind: 'world'
}

export type TrainingData = FolderData | WorldData

export interface DataSourceOptions {
  readonly stage: StageConfig
  readonly encoder: SampleEncoder
  readonly cacheBytes?: number
}

/** Batches of these data for a stage. Throws train/manifest-invalid or train/config-invalid for tasks that are not there. */
export function dataSource(data: TrainingData, options: DataSourceOptions): BatchSource {
  if (data.kind === 'folder') return folderSource(data.samples, { ...data, ...options })
  return worldSource({ ...options, world: data })
}

/** Throws unless every stage finds samples of its tasks. A folder's tasks are checked with its manifest. */
export function checkMixtures(data: TrainingData, stages: readonly StageConfig[]): void {
  if (data.kind === 'world') for (const stage of stages) checkWorldMixture(stage)
}

/** Samples by task, for people; every task of the world has as many. */
export function countSamples(data: TrainingData): Record<string, number> {
  if (data.kind === 'world') return { each: data.samples }
  const counts: Record<string, number> = {}
  for (const { task } of data.samples) counts[task] = (counts[task] ?? 0) + 1
  return counts
}

/**
 * Stands for all that data hold: hex SHA-256 over samples and sizes; of pictures, what `digestFile` says of them.
 * Where a folder lies does not matter.
 */
export async function digestData(data: TrainingData, digestFile: (path: string) => Promise<string>): Promise<string> {
  if (data.kind === 'world') return digestOf(data)
  const files = new Map<string, string>()
  for (const { target, references } of data.samples) {
    for (const file of [target, ...references.flatMap(({ picture, mask }) => [picture, ...(mask ? [mask] : [])])]) {
      if (!files.has(file.path)) files.set(file.path, await digestFile(file.path))
    }
  }
  const content = ({ path }: { path: string }): string => files.get(path)!
  const samples = data.samples.map(({ line: _, target, references, ...rest }) => ({
    ...rest,
    target: content(target),
    references: references.map(({ picture, mask, ...reference }) => ({
      ...reference,
      picture: content(picture),
      mask: mask && content(mask),
    })),
  }))
  return digestOf({ samples, image: data.image, reference: data.reference })
}

const digestOf = (value: unknown): string =>
  createHash('sha256')
    .update(JSON.stringify(value, (_, part) => (typeof part === 'bigint' ? String(part) : part)))
    .digest('hex')
