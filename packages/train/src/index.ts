// Training
export { type TrainFile, parseTrainFile, readTrainFile, readTrainingData } from './train-file.js'
export { type AdapterJob, type AdapterJobOptions, adapterJob } from './adapter-job.js'
export { adapterFile, type TrainAdapterOptions, trainAdapter } from './train-adapter.js'
export { checkRunFolder, claimRunFolder, type RunRecord } from './run-record.js'
export { assertMemory, type MemoryNeed, type MemoryOptions, trainingMemory } from './training-memory.js'
export { runProgress, type StageProgress, type TrainOptions, train } from './train.js'
export { type StageOptions, type StageReport, type StageResult, trainStage } from './trainer.js'
export { trainWhole, type WholeRun, type WholeStep } from './train-whole.js'
export type { Batch, BatchSource, Bucket } from './batch.js'
export {
  parseTrainConfig,
  printTrainConfig,
  readTrainConfig,
  type StageConfig,
  stageIdentity,
  stageRun,
  type TrainConfig,
} from './train-config.js'
export { type TrainErrorCode, TrainError, trainErrorCodes } from './errors.js'
export {
  type Checkpoint,
  type NewCheckpoint,
  type ResumableRun,
  readCheckpoint,
  writeCheckpoint,
} from './checkpoint.js'
export { freshState } from './stage-state.js'

// What is trained
export {
  type AdapterOptions,
  adapterModel,
  type BaseModel,
  type BaseOptions,
  baseModel,
  clipPrefix,
  indexEmbedding,
  placeholderEmbedding,
  t5Prefix,
  taskEmbedding,
  type TrainedModel,
} from './trained-model.js'
export {
  allTrainable,
  loraDown,
  loraUp,
  type TrainableLora,
  type TrainedLoraMode,
  type Trainables,
  withTrainableLora,
} from './trainable.js'
export { clipInGraph, type TextEncoder, type TokenIds, t5InGraph, t5WithPlaceholders } from './text-encoder.js'
export { initialValues } from './initialize.js'
export { adapterStart, placeholderRowsIn } from './adapter-start.js'

// A step as graphs
export {
  type BucketGraph,
  type BucketOptions,
  bucketGraph,
  type LossName,
  type LossWeights,
  type NoiseDraw,
} from './bucket-graph.js'
export type { LossVariants } from './reference-losses.js'
export { type TrainingStepOptions, trainingStep } from './training-step.js'
export { meanOf, next, squareOf, type Update, type UpdateOptions, update } from './update.js'
export { accumulate, accumulateFeeds, gatheredGradients, gradientOf } from './accumulate.js'
export { type AdamWConfig, type AdamWState, type AdamWStep, adamW, adamWFeeds, adamWStep } from './adamw.js'
export { ema, emaDecayAt, emaInput, emaOf, emaRate } from './ema.js'

// Numbers of a step
export { type LearningRateSchedule, learningRateAt } from './schedule.js'
export { type FlowTimes, flowTimes } from './flow-times.js'
export { choose, type Rng, rngOf, stepSeed } from './random.js'
export { keptTokenCount, maskOfTokens, pickTokens, tokensAt } from './sample-tokens.js'

// Losses for people
export { type LossLine, type LossLog, openLossLog, printLosses, readLosses } from './loss-log.js'
export { lossPlot } from './loss-plot.js'

// Files for others
export { type AdapterFormat, type LearntAdapter, learntAdapter, type Matrix, writeAdapter } from './adapter-file.js'

// Data
export {
  countSamples,
  type DataSourceOptions,
  dataSource,
  digestData,
  type FolderData,
  type TrainingData,
  type WorldData,
} from './training-data.js'
export { type DataSample, type Picture, readManifest } from './manifest.js'
export { type FolderSourceOptions, folderSource } from './folder-source.js'
export { checkWorldMixture, type WorldSettings, type WorldSourceOptions, worldSource } from './world-source.js'
export { type EncodedCaption, type SampleEncoder, type SampleEncoderOptions, sampleEncoder } from './sample-encoder.js'
