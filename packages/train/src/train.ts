// All stages of a training file, one after another, each starting from what the one before it learnt.
import { join } from 'node:path'
import type { BatchSource } from './batch.js'
import type { StageConfig } from './train-config.js'
import { type StageOptions, type StageResult, trainStage } from './trainer.js'

export interface TrainOptions extends Omit<StageOptions, 'stageIndex' | 'source' | 'start'> {
  /** The data of a stage: its mixture, drop rates and batch size stand in the config. */
  readonly source: (stage: StageConfig) => BatchSource | Promise<BatchSource>
  /** Each stage has a folder of its own in it, such as `1-subjects`. */
  readonly folder: string
  /** Values for the first stage to start from instead of the model's own; see adapterStart. */
  readonly start?: ReadonlyMap<string, Float32Array>
}

/** Trains every stage that is not finished. Throws what trainStage throws. */
export async function train({ source, folder, start, ...options }: TrainOptions): Promise<StageResult> {
  let result: StageResult | undefined
  for (const [stageIndex, stage] of options.config.stages.entries()) {
    result = await trainStage({
      ...options,
      stageIndex,
      source: await source(stage),
      folder: join(folder, `${stageIndex + 1}-${stage.name}`),
      start: result?.parameters ?? start,
    })
  }
  return result!
}
