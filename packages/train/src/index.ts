export {
  allTrainable,
  loraDown,
  loraUp,
  type TrainableLora,
  type Trainables,
  withTrainableLora,
} from './trainable.js'
export { initialValues } from './initialize.js'
export { type AdamWConfig, type AdamWState, type AdamWStep, adamW, adamWFeeds, adamWStep } from './adamw.js'
export { meanOf, next, squareOf, type TrainingStep, type TrainingStepOptions, trainingStep } from './training-step.js'
