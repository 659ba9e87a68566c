// The recipe of the mini model: stages, data and numbers, each with its reason. Steps are counted for two cores and six hours.
import { parseTrainConfig, type TrainConfig } from '@dreamgraph/train'
import { difficultyOf, type TaskMixture, taskMixture } from '@dreamgraph/world'

/** Samples that are rendered and encoded once; each is seen about five times with other noise. */
export const worldSamples = 36_000
export const worldSeed = 'mini'
export const worldMixture: TaskMixture = taskMixture
/** On the token grid at the reference's own scale: there the same loss took a third of the steps. A quarter in other styles. */
export const worldDifficulty = { ...difficultyOf(0), style: 0.5 }

const common = { captionDropRate: 0.1, batch: 32, emaDecay: 0.999 }

/** Stage 0: the base, from words to pictures. A long stretch of constant rate, then down to zero. */
export const baseConfig: TrainConfig = parseTrainConfig({
  seed: '1',
  checkpointEvery: 250,
  optimizer: { betas: [0.9, 0.99], weightDecay: 0.01 },
  stages: [
    { name: 'words', steps: 5000, mixture: { described: 1 }, schedule: { peak: 1.5e-3, warmupSteps: 200 }, ...common },
    {
      name: 'settle',
      steps: 1500,
      mixture: { described: 1 },
      schedule: { peak: 1.5e-3, warmupSteps: 1, decay: 'cosine', floor: 0.02 },
      ...common,
    },
  ],
})
