// All stages of a training file, one after another, each starting from what the one before it learnt.
import { join } from 'node:path'
import type { BatchSource } from './batch.js'
import { stepsDone } from './checkpoint.js'
import { type StageConfig, stageRun, type TrainConfig } from './train-config.js'
import { type StageOptions, type StageResult, trainStage } from './trainer.js'

export interface TrainOptions extends Omit<StageOptions, 'stageIndex' | 'source' | 'start'> {
  /** The data of a stage: its mixture, drop rates and batch size stand in the config. */
  readonly source: (stage: StageConfig) => BatchSource | Promise<BatchSource>
  /** Each stage has a folder of its own in it, such as `1-subjects`. */
  readonly folder: string
  /** Values for the first stage to start from instead of the model's own; see adapterStart. */
  readonly start?: ReadonlyMap<string, Float32Array>
}

/** How far a stage has come, by its newest checkpoint. */
export interface StageProgress {
  readonly stage: string
  readonly done: number
  readonly steps: number
}

/** How far a run has come in its folder. Throws train/checkpoint-invalid when a stage's checkpoint is of another run. */
export async function runProgress(folder: string, config: TrainConfig): Promise<StageProgress[]> {
  const progress: StageProgress[] = []
  for (const [stageIndex, { name, steps }] of config.stages.entries()) {
    const run = stageRun(config, stageIndex)
    progress.push({ stage: name, done: await stepsDone(join(folder, run.folder), run), steps })
  }
  return progress
}

/** Trains every stage that is not finished, once those that have begun are seen to fit. Throws what trainStage throws. */
export async function train({ source, folder, start, ...options }: TrainOptions): Promise<StageResult> {
  const { config } = options
  await runProgress(folder, config)
  let result: StageResult | undefined
  for (const [stageIndex, stage] of config.stages.entries()) {
    result = await trainStage({
      ...options,
      stageIndex,
      source: await source(stage),
      folder: join(folder, stageRun(config, stageIndex).folder),
      start: result?.parameters ?? start,
    })
  }
  return result!
}
