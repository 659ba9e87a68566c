// Running flows
export {
  type BenchRunOptions,
  type BenchRunResult,
  openWorkbench,
  type Workbench,
  type WorkbenchOptions,
} from './workbench.js'
export type { Forecast, NodeForecast } from './forecast.js'
export type { WrittenFile } from './written-files.js'
export { readWorkflowFile, upgradeWorkflowFile, writeWorkflowFile } from './workflow-file.js'
export { nodeCatalogue } from './catalogue.js'
export { defaultPackLimits, type PackLimits } from './packs/limits.js'
export { NodesError, type NodesErrorCode, nodesErrors } from './errors.js'

// What nodes work with
export { defineNode, type FileAccess, type RunRecord, type Services, type WorkPlace } from './services.js'
export {
  adapterType,
  type Conditions,
  conditionsType,
  datasetType,
  imageType,
  latentType,
  lossesType,
  maskType,
  modelType,
  referenceType,
  socket,
  textEmbeddingType,
  valueTypes,
} from './sockets.js'
export { type ModelEntry, type ModelRegistry, openRegistry } from './model-registry.js'
export { shippedModels } from './shipped-models.js'
export { checkModel, checkModelEntry, type ModelReport, modelProblem } from './model-check.js'
export type { PartReport } from './part-check.js'
export { type DownloadedModel, downloadModel, type ModelDownloadOptions, type ModelRequest } from './model-download.js'
export { stepMemory } from './step-memory.js'
export type { ModelLock } from './model-lock.js'
export { type LoadedModel, type ModelShelf, openShelf } from './model-shelf.js'

export type { StageReport } from '@dreamgraph/train'
export type { Dataset, StageLosses, TrainedAdapter } from './train/values.js'

// Values and pictures for people and files
export { describeValue } from './describe-value.js'
export { decodePicture } from './image/decode.js'
export { writeNumbered } from './image/picture-name.js'
export { lockPixels, type PictureRecord, type PixelLock, readPictureRecord } from './picture-record.js'
export { isPng, readPngTexts } from './png-text.js'

// Trying things without a checkpoint
export { fluxDevConfigs, type RandomModelConfigs } from './random-model/configs.js'
export { dreamoFile, dreamoShapes } from './random-model/lora-shapes.js'
export { type RandomModelOptions, writeRandomModel } from './random-model/random-model.js'
