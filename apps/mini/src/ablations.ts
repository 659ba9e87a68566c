// The paper's ablations at the mini model's scale: which part is left out, on the same base, data and number of steps.
import type { TrainConfig } from '@dreamgraph/train'
import { adapterConfig, shortened } from './recipe.js'

export interface Ablation {
  readonly name: string
  readonly config: TrainConfig
  readonly learnIndex: boolean
}

/** Each with a seed of its own for what is drawn while training; all take `share` of the recipe's steps. */
export function ablations(seed: bigint, share: number): Ablation[] {
  const full = { ...shortened(adapterConfig, share), seed }
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

/** All tasks from the first step on, for as many steps: the stage of all tasks takes over what those of some had. */
function atOnce(config: TrainConfig): TrainConfig {
  const [subjects, all, settle, pairs, quality] = config.stages
  const steps = subjects.steps + all.steps + pairs.steps + quality.steps
  return { ...config, stages: [{ ...all, steps }, settle] }
}
