// The params of a stage node as a config of the trainer, behind the stages that came before.
import { parseTrainConfig, type TrainConfig, type TrainingData } from '@dreamgraph/train'
import { taskMixture } from '@dreamgraph/world'
import type { TrainedAdapter } from './values.js'

export interface StageParams {
  readonly name: string
  readonly steps: number
  readonly learningRate: number
  readonly warmupSteps: number
  readonly decay: string
  readonly mixture: unknown
  readonly batch: number
  readonly accumulate: number
  readonly diff: number
  readonly route: number
  readonly holder: number
  readonly captionDropRate: number
  readonly plainCaptionRate: number
  readonly referenceDropRate: number
  readonly emaDecay: number
  readonly rank: number
  readonly loraMode: string
  readonly seed: bigint
  readonly routing: string
  readonly checkpointEvery: number
  readonly recompute: boolean
}

/**
 * The config of a stage, with all stages that `start` went through before it: three nodes in a row have the config of a
 * training file with three stages, and so they give the same bytes. Throws train/config-invalid.
 */
export function stageConfig(params: StageParams, data: TrainingData, start: TrainedAdapter | undefined): TrainConfig {
  const { loraMode, seed, routing, checkpointEvery, recompute, steps, batch, accumulate } = params
  const before = start?.config.stages ?? []
  const own = parseTrainConfig(
    {
      seed: String(seed),
      rank: start?.config.rank ?? params.rank,
      loraMode,
      routing,
      recompute,
      checkpointEvery,
      stages: [
        {
          name: freeName(params.name, new Set(before.map(({ name }) => name))),
          steps,
          batch,
          accumulate,
          mixture: isEmpty(params.mixture) ? allTasks(data) : params.mixture,
          losses: { diff: params.diff, route: params.route, holder: params.holder },
          schedule: { peak: params.learningRate, warmupSteps: params.warmupSteps, decay: params.decay },
          emaDecay: params.emaDecay === 0 ? null : params.emaDecay,
          captionDropRate: params.captionDropRate,
          plainCaptionRate: params.plainCaptionRate,
          referenceDropRate: params.referenceDropRate,
        },
      ],
    },
    'stage',
  )
  return { ...own, stages: [...before, ...own.stages] }
}

const isEmpty = (mixture: unknown): boolean => JSON.stringify(mixture) === '{}'

/** Every task: those of a folder alike, those of the world as it weighs them. */
function allTasks(data: TrainingData): Record<string, number> {
  if (data.kind === 'world') return taskMixture
  return Object.fromEntries(data.samples.map(({ task }) => [task, 1]))
}

/** Stages of one run have different names: the second "stage" is "stage-2". */
function freeName(name: string, taken: ReadonlySet<string>): string {
  for (let count = 1; ; count++) {
    const candidate = count === 1 ? name : `${name}-${count}`
    if (!taken.has(candidate)) return candidate
  }
}
