// The recipe of the mini model: stages, data and numbers, each with its reason. Steps are counted for two cores and six
// hours in all, of which they take five.
import { join } from 'node:path'
import { parseTrainConfig, type TrainConfig, t5Prefix } from '@dreamgraph/train'
import { difficultyOf, type TaskMixture, taskMixture } from '@dreamgraph/world'
import type { PaintedDataRequest } from './painted-data.js'
import type { QualityDataRequest } from './quality-data.js'
import type { WorldDataRequest } from './world-data.js'

/**
 * Two fifths of the data have two references: which of them a caption means is what takes the most samples to learn. Another
 * two are about styles or of words alone: of one style in one place there are few even so.
 */
const dataMixture: TaskMixture = {
  ...{ subjects: 3.4, columns: 2, subject: 1.2, identity: 1.1, 'try-on': 0.6 },
  ...{ style: 2.6, 'style-text': 1.4, text: 1.2 },
}

/**
 * Samples that are rendered and encoded once; each is seen about twenty times with other noise. On the token grid at the
 * reference's own scale, where the same loss took a third of the steps; two fifths in other styles.
 */
export const worldRequest = (folder: string): WorldDataRequest => ({
  folder: join(folder, 'data'),
  name: 'world',
  seed: 'binding',
  samples: 12_288,
  mixture: dataMixture,
  difficulty: { ...difficultyOf(0), style: 0.5 },
})

/** Pictures that the base makes itself, for the last stage. */
export const qualityRequest = (folder: string, share: number): QualityDataRequest => ({
  folder: join(folder, 'data'),
  name: 'quality',
  seed: 'quality',
  samples: Math.max(1, Math.round(1024 * Math.min(1, share))),
})

/** Latents that base and adapter paint, for the decoder. */
export const paintedRequest = (folder: string, share: number): PaintedDataRequest => ({
  folder: join(folder, 'data'),
  name: 'painted',
  seed: 'painted',
  samples: Math.max(1, Math.round(2560 * Math.min(1, share))),
})

/** Of the stages that learn what things look like: a token of a subject counts about twice what is behind it. */
const lookLosses = { diff: 1, within: 0.4, route: 4, holder: 2, naming: 0.4, reading: 0.4 }

const common = { captionDropRate: 0.1, batch: 32, emaDecay: 0.999 }

/** Half of what the base reads is of two things: which words belong to which place is what it learns last. */
const baseMixture: TaskMixture = { ...taskMixture, subjects: 7, columns: 2 }

/**
 * T5's attention stays as it starts, see neighbourBias: left to learn, it first unlearns to look at neighbours, which are
 * noise to a transformer that does not use them yet.
 */
export const isFixedInBase = (name: string): boolean =>
  name.startsWith(`${t5Prefix}.`) && name.includes('SelfAttention')

/** Stage 0: the base, from words to pictures. A long stretch of constant rate, then down to zero. */
export const baseConfig: TrainConfig = parseTrainConfig({
  seed: '1',
  checkpointEvery: 250,
  optimizer: { betas: [0.9, 0.99], weightDecay: 0.01 },
  stages: [
    { name: 'words', steps: 5000, mixture: baseMixture, schedule: { peak: 1.5e-3, warmupSteps: 200 }, ...common },
    {
      name: 'settle',
      steps: 1500,
      mixture: baseMixture,
      schedule: { peak: 1.5e-3, warmupSteps: 1, decay: 'cosine', floor: 0.02 },
      ...common,
    },
  ],
})

/**
 * The adapter, on the frozen base, in the paper's three stages. The rank is the base's width, because a base this small
 * has little in it that a reference could steer: most of the copying has to be learnt. DreamO's file is no larger for it: q, k
 * and v share one down there, which has the width's rank from a third of it on.
 */
export const adapterConfig: TrainConfig = parseTrainConfig({
  seed: '2',
  rank: 192,
  placeholder: 'text', // among all words, not only among placeholders: a reference really looks at its own
  // From a word to the picture in three steps: the first block has a reference see itself whole, the second find its word and
  // take from it where it stands, the third and fourth the picture read from the one that stands there.
  namingLayers: [1],
  readingLayers: [2, 3],
  checkpointEvery: 250,
  optimizer: { betas: [0.9, 0.99], weightDecay: 0.01 },
  stages: [
    {
      name: 'subjects', // one or two things, on little else: what a reference is
      steps: 1000,
      mixture: { subject: 2, subjects: 1 },
      losses: adapterLosses(),
      schedule: { peak: 1.5e-3, warmupSteps: 200 },
      ...common,
    },
    {
      name: 'all',
      steps: 3000,
      mixture: { ...taskMixture, text: 0.5 },
      losses: adapterLosses(),
      schedule: { peak: 1.5e-3, warmupSteps: 50 },
      ...common,
    },
    {
      name: 'bind', // of the second stage: which of two references goes where, what their kinds alone tell too
      steps: 1600,
      mixture: {
        ...{ subjects: 5, columns: 2.2, subject: 0.8, identity: 0.4, 'try-on': 0.1 },
        ...{ style: 0.7, 'style-text': 0.1, text: 0.05 },
      },
      losses: { diff: 0.4, route: 6, holder: 1, naming: 1.5, reading: 1.5 },
      // It is decided while there is only noise; by the middle of the flow the picture itself shows it.
      times: { kind: 'logit-normal', mean: 2.3, std: 1.6 },
      plainCaptionRate: 0.85, // by their kinds: [ref#n] is learnt long before
      schedule: { peak: 1.5e-3, warmupSteps: 60 },
      ...common,
    },
    {
      name: 'settle', // of the second stage too: how things look, which noise does not teach, and the rate goes down
      steps: 3800,
      mixture: {
        ...{ subject: 3, subjects: 2.4, columns: 1, identity: 1.8, 'try-on': 0.6 },
        ...{ style: 2.8, 'style-text': 0.7, text: 0.4 },
      },
      losses: lookLosses,
      times: { kind: 'logit-normal', mean: 0.6, std: 1.5 },
      plainCaptionRate: 0.6,
      schedule: { peak: 1.5e-3, warmupSteps: 1, decay: 'cosine', floor: 0.01 },
      ...common,
    },
    {
      name: 'looks', // styles once more, in words and pictures, in the middle of the flow
      steps: 2000,
      mixture: {
        ...{ subject: 1.5, subjects: 1.5, columns: 0.5, identity: 1.2, 'try-on': 0.3 },
        ...{ style: 4, 'style-text': 2.5, text: 1.8 },
      },
      losses: lookLosses,
      times: { kind: 'logit-normal', mean: 0.3, std: 1.4 },
      plainCaptionRate: 0.6,
      schedule: { peak: 7e-4, warmupSteps: 50, decay: 'cosine', floor: 0.01 },
      ...common,
    },
    {
      name: 'quality', // on the base's own pictures, most reference tokens dropped: towards what the base paints well
      steps: 100,
      mixture: { subject: 1 },
      losses: adapterLosses(),
      schedule: { peak: 5e-5, warmupSteps: 20 },
      referenceDropRate: 0.75,
      ...common,
    },
  ],
})

/** The recipe with a share of its steps: for trying it out, and for machines with less time. */
export function shortened(config: TrainConfig, share: number): TrainConfig {
  const stages = config.stages.map((stage) => ({ ...stage, steps: Math.max(1, Math.round(stage.steps * share)) }))
  return { ...config, stages }
}

/** The stages of an adapter that has learnt before: not the first, and a longer warm-up, as the optimizer knows nothing. */
export function goingOn(config: TrainConfig): TrainConfig {
  const [, all, ...rest] = config.stages
  return { ...config, stages: [{ ...all, schedule: { ...all.schedule, warmupSteps: 200 } }, ...rest] }
}

/**
 * Routing starts at 0.04 and ends near 0.02 beside a flow loss of 0.35, so it needs its weight to be heard: which of two
 * references belongs where is 0.02 of it and next to nothing of the flow loss.
 */
function adapterLosses() {
  return { diff: 1, route: 3, holder: 5, naming: 0.5, reading: 0.5 }
}
