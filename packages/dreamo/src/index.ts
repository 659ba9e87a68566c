// Opening models
export { type DreamoErrorCode, DreamoError, dreamoErrors } from './errors.js'
export {
  type ClipConfig,
  type FluxConfig,
  parseClipConfig,
  parseFluxConfig,
  parseSchedulerConfig,
  parseT5Config,
  parseVaeConfig,
  type SchedulerConfig,
  type T5Config,
  type VaeConfig,
} from './configs.js'
export { type ModelFiles, modelFiles } from './model-files.js'
export { type FluxFolderParts, fluxFolderTexts } from './flux-folder.js'
export {
  type Component,
  type ComponentKind,
  checkComponent,
  openComponent,
  readJson,
  expectedWeights,
} from './component.js'
export { type AppliedLora, type LoraRequest, type Model, openModel } from './model.js'
export { joined } from './joined.js'
export { suitedLoraMode, withLoras } from './lora.js'
export {
  type Quantizable,
  type RunningWeights,
  runningWeights,
} from './quantize/running-weights.js'
export { type KeptWeights, keptWeights, removeKeptWeights } from './quantize/kept-weights.js'
export {
  defaultHome,
  type PrepareOptions,
  type Quantization,
  type QuantizeScheme,
  quantizeSchemes,
} from './quantize/schemes.js'
export { type Preset, type PresetLora, type PresetVersion, preset, presets, presetVersions } from './presets.js'

// Making pictures
export { defaultTextTokens, type EncodedText, encodeText, runClip, runT5 } from './encode-text.js'
export { type EncodedReference, encodeReference, type LatentDraw, packReference } from './encode-reference.js'
export { denoise } from './denoise.js'
export type { DenoiseRequest, DenoiseStep, TrueCfg } from './denoise-request.js'
export type { FieldConditions, FieldPoint } from './field-feeds.js'
export { type FieldValue, type VelocityField, velocityField } from './velocity-field.js'
export { type SequenceLengths, samplerMemory } from './sampler-memory.js'
export {
  type LayerGroup,
  type LayerRange,
  layerGroups,
  layersOf,
  leakages,
  mapBytes,
  meanMaps,
  type Responses,
  type RoutingMap,
  routingMaps,
} from './routing-maps.js'
export {
  type Autoencoder,
  type AutoencoderOptions,
  decodeLatents,
  decodePicture,
  encodeMoments,
  encodePicture,
  type Latent,
  sampleMoments,
  type TilingOptions,
} from './autoencoder.js'
export { latentPicture } from './latent-picture.js'
export { gaussianNoise, type NoiseSource, type NoiseStream, parseSeed } from './noise.js'

// Prompts and references
export {
  findMalformedPlaceholders,
  findPlaceholders,
  type MalformedPlaceholder,
  PLACEHOLDER_TOKENS,
  type Placeholder,
  type PromptRange,
  placeholderToken,
} from './placeholders.js'
export {
  lintPrompt,
  type PromptFinding,
  type PromptFindingKind,
  promptFindings,
  STYLE_PREFIX,
  withStylePrefix,
} from './prompt-lint.js'
export {
  layoutTokens,
  MAX_REFERENCES,
  orderReferences,
  type Reference,
  type ReferenceSpan,
  type ReferenceTask,
  type TokenLayout,
} from './references.js'
export { type ClipTokenizer, openClipTokenizer, openT5Tokenizer, type T5Tokenizer } from './tokenizers.js'
export { clipTokenizerFiles, clipVocabulary, t5TokenizerFiles, t5Vocabulary } from './tokenizers/made.js'

// Pictures
export { checkImage, imageToTensor, overWhite, type RgbImage, tensorToImage, toRgb } from './image.js'
export { areaSize, resizeArea, resizeToArea, resizeToLongEdge, type Size } from './resize-area.js'
export {
  FACE_BACKGROUND_LABELS,
  FACE_SEARCH_LONG_EDGE,
  FACE_SIZE,
  faceMask,
  prepareReference,
  type ReferenceInput,
  whiten,
} from './preprocess.js'
export { cropTile, type Planes, planTiles, type Tile, type TilePlan, tileBlender } from './tiling.js'

// The models as graphs, and their arithmetic
export {
  declaredParameters,
  type ParameterOptions,
  type ParameterShape,
  type Parameters,
  parametersOf,
  within,
} from './parameters.js'
export type { Probe } from './probe.js'
export { Sessions } from './sessions.js'
export { fusedAttentionWorks } from './fused-attention.js'
export { type TransformerInputs, transformer } from './transformer/transformer.js'
export { encodeImage } from './vae/encoder.js'
export { decodeImage } from './vae/decoder.js'
export { clipPoolPosition, clipTokenTable, encodeClip } from './text/clip.js'
export { encodeT5, relativeBucket, t5TokenTable } from './text/t5.js'
export { type TokenTable, tokenTable } from './text/token-table.js'
export { type DreamoEmbeddings, readEmbeddings, segmentRows } from './embeddings.js'
export { eulerStep, foreseen, linearSigmas, type Schedule, scaleNoise, schedule, shiftMu } from './scheduler.js'
export { SINUSOID_WIDTH, sinusoid } from './sinusoid.js'
export { type RopeTable, ropeTable } from './rope.js'
export {
  denormalizeLatents,
  type LatentShape,
  normalizeLatents,
  PIXELS_PER_TOKEN,
  packLatents,
  positionIds,
  sequenceIds,
  type TokenGrid,
  tokenGrid,
  unpackLatents,
} from './latents.js'

// Training losses
export {
  headsProbe,
  type LayerHeads,
  type SequenceSpans,
  type Span,
  sequenceSpans,
} from './losses/attention-heads.js'
export {
  type AutoencoderInputs,
  type AutoencoderLosses,
  autoencoderLosses,
  type PictureLosses,
  pictureLosses,
} from './losses/autoencoder.js'
export { namingLoss, readingLoss, readingShares } from './losses/binding.js'
export { flowLoss, flowLossWithin, noised } from './losses/flow.js'
export { meanSquare } from './losses/scalars.js'
export { type RoutingVariant, responseMap, responseMaps, routingLoss } from './losses/routing.js'
export { type PlaceholderVariant, placeholderAttention, placeholderLoss } from './losses/placeholder.js'
