export { type Checkpoint, openCheckpoint } from './checkpoint.js'
export type { Component, Layout } from './component.js'
export { openClip, openT5, openTransformer, openVae } from './components.js'
export { decodeFloats } from './decode.js'
export {
  type BlockDType,
  blockOf,
  type DType,
  dtypeSizeBytes,
  dtypes,
  type ElementDType,
  elementCount,
  isBlockDType,
  isDType,
  storedBytes,
} from './dtype.js'
export { encodeFloats } from './encode.js'
export { WeightsError, type WeightsErrorCode, weightsErrorCodes } from './errors.js'
export { type DreamoEmbeddings, type Lora, type LoraModule, openEmbeddings, openLora } from './lora.js'
export type { LoraFormat } from './lora-keys.js'
export { fuseInto, type LoraFactors, type LoraScaleOptions, loraScales, rankOf, readFactors } from './lora-scale.js'
export {
  assertLoraFits,
  assertMatch,
  type LoraMatchReport,
  type MatchReport,
  matchLora,
  matchWeights,
  type ShapeMismatch,
} from './match.js'
export { openGguf } from './gguf.js'
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
export { type TensorData, type TensorSource, writeSafetensors } from './write.js'
