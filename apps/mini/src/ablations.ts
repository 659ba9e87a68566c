// The paper's ablations at the mini model's scale: which part is left out, on the same base, data and number of steps.
import { parseTrainConfig, type TrainConfig } from '@dreamgraph/train'
import { adapterConfig, shortened } from './recipe.js'

export interface Ablation {
  readonly name: string
  readonly config: TrainConfig
  readonly learnIndex: boolean
}

/** Two subjects weigh most: what is left out shows where references can be mistaken for each other. */
const mixture = { subjects: 3, subject: 1.5, identity: 1 }

const common = { captionDropRate: 0.1, batch: 16, emaDecay: 0.995 }

/**
 * The adapter's stages for a fifth of its steps, in half batches and on fewer tasks: ten runs have to fit in three hours, and
 * of few samples most is learnt in many small steps. The paper's losses, and that of things counted apart, which all share.
 */
const fullConfig: TrainConfig = parseTrainConfig({
  seed: '1',
  rank: adapterConfig.rank,
  placeholder: 'text',
  checkpointEvery: 250,
  optimizer: { betas: [0.9, 0.99], weightDecay: 0.01 },
  stages: [
    {
      name: 'subjects',
      steps: 400,
      mixture: { subject: 2, subjects: 1 },
      schedule: { peak: 1.5e-3, warmupSteps: 50 },
      ...common,
    },
    { name: 'all', steps: 900, mixture, schedule: { peak: 1.5e-3, warmupSteps: 10 }, ...common },
    {
      name: 'settle',
      steps: 700,
      mixture,
      schedule: { peak: 1.5e-3, warmupSteps: 1, decay: 'cosine', floor: 0.02 },
      ...common,
    },
    {
      name: 'quality',
      steps: 100,
      mixture: { subject: 1 },
      schedule: { peak: 5e-5, warmupSteps: 10 },
      referenceDropRate: 0.75,
      ...common,
    },
  ].map((stage) => ({ ...stage, losses: { diff: 1, within: 0.4, route: 3, holder: 2 } })),
})

/** Each with a seed of its own for what is drawn while training; all take `share` of the steps. */
export function ablations(seed: bigint, share: number): Ablation[] {
  const full = { ...shortened(fullConfig, share), seed }
  const without = (loss: 'route' | 'holder'): TrainConfig => ({
    ...full,
    stages: full.stages.map((stage) => ({ ...stage, losses: { ...stage.losses, [loss]: 0 } })),
  })
  return [
    { name: 'full', config: full, learnIndex: true },
    { name: 'without routing', config: without('route'), learnIndex: true },
    { name: 'without index embedding', config: full, learnIndex: false },
    { name: 'without placeholder loss', config: without('holder'), learnIndex: true },
    { name: 'without progressive stages', config: atOnce(full), learnIndex: true },
  ]
}

/** All tasks from the first step on, for as many steps: the stage of all tasks takes over what the others had. */
function atOnce(config: TrainConfig): TrainConfig {
  const [subjects, all, settle, quality] = config.stages
  const first = { ...all, steps: subjects.steps + all.steps + quality.steps, schedule: subjects.schedule }
  return { ...config, stages: [first, settle] }
}
