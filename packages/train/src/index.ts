// Training
export { type TrainOptions, train } from './train.js'
export { type StageOptions, type StageReport, type StageResult, trainStage } from './trainer.js'
export type { Batch, BatchSource, Bucket } from './batch.js'
export {
  parseTrainConfig,
  printTrainConfig,
  readTrainConfig,
  type StageConfig,
  type TrainConfig,
} from './train-config.js'
export { type TrainErrorCode, TrainError, trainErrorCodes } from './errors.js'
export { type Checkpoint, readCheckpoint, writeCheckpoint } from './checkpoint.js'
export { freshState } from './stage-state.js'

// What is trained
export {
  type AdapterOptions,
  adapterModel,
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
  type Trainables,
  withTrainableLora,
} from './trainable.js'
export { clipInGraph, type TextEncoder, type TokenIds, t5InGraph, t5WithPlaceholders } from './text-encoder.js'
export { initialValues } from './initialize.js'

// A step as graphs
export {
  type BucketGraph,
  type BucketOptions,
  bucketGraph,
  type LossName,
  type LossVariants,
  type LossWeights,
  type NoiseDraw,
} from './bucket-graph.js'
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
export { type LossLine, type LossLog, openLossLog } from './loss-log.js'
export { lossPlot } from './loss-plot.js'

// Files for others
export { type AdapterFormat, type LearntAdapter, learntAdapter, type Matrix, writeAdapter } from './adapter-file.js'

// Data of one's own
export { type DataSample, type Picture, readManifest } from './manifest.js'
export { type FolderSourceOptions, folderSource } from './folder-source.js'
export { type EncodedCaption, type SampleEncoder, sampleEncoder } from './sample-encoder.js'
