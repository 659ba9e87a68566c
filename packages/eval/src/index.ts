// Evaluating
export {
  type EvaluateOptions,
  type Evaluation,
  evaluate,
  type ScoredPicture,
  type ScoreOptions,
  scorePictures,
} from './evaluate.js'
export { defaultPromptSet, type Prompt, type PromptSet, promptsOf } from './prompts.js'
export { type Conditions, conditionsOf, paint, type Sampling } from './paint.js'
export { picturesOf, pictureName, writePrompts } from './folder.js'
export { EvaluationError, type EvaluationErrorCode, evaluationErrorCodes } from './errors.js'

// Numbers for people
export { type Cell, markdownTable, type Row, tableOf, textCells } from './table.js'
export { type Report, writeReport } from './report.js'
export { sampleSheet } from './sample-sheet.js'

// What is counted
export { type Answer, answersOf, isRight, type ReadPicture, type Told } from './questions.js'
export { lessIsBetter, type Metric, type MetricName, metrics } from './metrics/metrics.js'
export { intervalOf, shareOf, sumOf, type Tally } from './metrics/tally.js'
export { overlap, type RoutingOptions, type RoutingScore, routingScores } from './routing.js'

// The probe
export { attributesOf, type ReaderName, readerNames, readers, type Values } from './probe/attributes.js'
export { type Part, partsOf, type Square } from './probe/parts.js'
export { type Crop, cropOf, cropSizePx } from './probe/crops.js'
export { type Look, openProbe, type Probe, shippedProbe } from './probe/probe.js'
export { type Accuracies, accuraciesOf, type Judged, judgeProbe } from './probe/accuracy.js'
export type { ProbeConfig, ReaderConfig } from './probe/network.js'
export { type ReaderRun, trainReader } from './probe/train-reader.js'
export { type ProbeValues, readerValues, readReaderValues, writeProbe } from './probe/probe-file.js'
