// What training nodes pass on: data to learn from, what was learnt, and how it went.
import { access } from 'node:fs/promises'
import { join } from 'node:path'
import type { JsonValue } from '@dreamgraph/graph'
import {
  emaOf,
  type LearntAdapter,
  type LossLine,
  learntAdapter,
  parseTrainConfig,
  placeholderEmbedding,
  printTrainConfig,
  readCheckpoint,
  stageRun,
  type TrainConfig,
  type TrainingData,
  taskEmbedding,
} from '@dreamgraph/train'
import { openLora, toFloat32 } from '@dreamgraph/weights'

export interface Dataset {
  /** Stands for the content of all pictures, masks and captions, and their sizes. */
  readonly digest: string
  readonly data: TrainingData
}

/** What a stage has learnt. It lies in the stage's folder, because at full size it is gigabytes. */
export interface TrainedAdapter {
  /** Stands for the content of its files. */
  readonly digest: string
  readonly folder: string
  /** Of all stages up to this one. */
  readonly config: TrainConfig
}

export interface StageLosses {
  readonly stage: string
  readonly lines: readonly LossLine[]
}

/** The adapter to paint with, in DreamO's own form: running means of the parameters. */
export const fileOf = ({ folder }: Pick<TrainedAdapter, 'folder'>): string => join(folder, 'adapter.safetensors')

/** What the next stage starts from: the parameters themselves. Throws train/checkpoint-invalid. */
export async function parametersOf(adapter: TrainedAdapter): Promise<Map<string, Float32Array>> {
  return withRows(await stateOf(adapter), adapter)
}

/** What was learnt, after the running means, as it goes into a file. */
export async function learntOf(adapter: TrainedAdapter): Promise<LearntAdapter> {
  const state = await stateOf(adapter)
  const names = [...state.keys()].filter((name) => !/^(mean|square|ema)\//.test(name))
  const averages = new Map(names.map((name) => [name, state.get(emaOf(name)) ?? state.get(name)!]))
  const { rank, alpha = rank } = adapter.config
  const hiddenSize = averages.get(taskEmbedding)!.length / 2
  return learntAdapter(await withRows(averages, adapter), { rank, scale: alpha / rank, hiddenSize })
}

/** All that the last checkpoint of the adapter's stage holds, by name. */
async function stateOf({ folder, config }: TrainedAdapter): Promise<Map<string, Float32Array>> {
  const saved = await readCheckpoint(folder, stageRun(config, config.stages.length - 1))
  if (!saved) throw new Error(`internal: ${folder}: expected a checkpoint beside the adapter`)
  return new Map([...saved.state].map(([name, { data }]) => [name, data]))
}

/** Placeholder words that were kept stand in the adapter's file alone. */
async function withRows(
  values: Map<string, Float32Array>,
  adapter: TrainedAdapter,
): Promise<Map<string, Float32Array>> {
  if (values.has(placeholderEmbedding)) return values
  return new Map([...values, [placeholderEmbedding, await placeholderRowsOf(adapter)]])
}

/** The placeholder words that captions were read with, [10, T5 width]. */
export async function placeholderRowsOf(adapter: TrainedAdapter): Promise<Float32Array> {
  const { embeddings } = await openLora(fileOf(adapter))
  return toFloat32(embeddings.t5!)
}

export const encodeAdapter = ({ digest, folder, config }: TrainedAdapter): JsonValue => ({
  digest,
  folder,
  config: JSON.parse(printTrainConfig(config)),
})

/** Throws where the files are gone: the stage is then trained again. */
export async function decodeAdapter(json: JsonValue): Promise<TrainedAdapter> {
  const { digest, folder, config } = json as { digest: string; folder: string; config: unknown }
  const adapter = { digest, folder, config: parseTrainConfig(config) }
  await access(fileOf(adapter))
  return adapter
}
