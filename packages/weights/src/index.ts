export { type Checkpoint, openCheckpoint } from './checkpoint.js'
export type { Component, Layout } from './component.js'
export { openClip, openT5, openTransformer, openVae } from './components.js'
export { type DType, dtypeSizeBytes, dtypes, elementCount, isDType } from './dtype.js'
export { WeightsError, type WeightsErrorCode, weightsErrorCodes } from './errors.js'
export { readTensor, toFloat32 } from './read.js'
export { openSafetensors, type SafetensorsFile } from './safetensors.js'
export {
  concatRows,
  renamed,
  reshape,
  rows,
  viewSizeBytes,
  type WeightPart,
  type WeightSet,
  type WeightView,
} from './view.js'
