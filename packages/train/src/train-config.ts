// The training file: what is trained, on what mixture, with which numbers. Each default has its reason beside it.
import { readFile } from 'node:fs/promises'
import { parseSeed } from '@dreamgraph/dreamo'
import { z } from 'zod'
import { TrainError } from './errors.js'

const count = z.int().min(1).max(10_000_000)
const ratio = z.number().min(0).max(1)
const weight = z.number().min(0).max(1e6)

/** 64 bits: decimal digits, because a JSON number holds only 53. */
export const seedSchema = z.union([z.int().min(0), z.string().regex(/^\d{1,20}$/)]).transform((value, context) => {
  try {
    return parseSeed(String(value))
  } catch (error) {
    context.addIssue({ code: 'custom', message: (error as Error).message })
    return z.NEVER
  }
})

const layers = z.array(z.int().min(0)).min(1)

const lossWeights = z
  .strictObject({
    diff: weight.default(1), // the unit the others are measured in
    route: weight.default(1), // the paper gives no numbers; equal weights
    holder: weight.default(1),
    // Beside the paper's, see losses/flow.ts and losses/binding.ts in dreamo; the latter need their layers to be named.
    within: weight.optional(),
    naming: weight.optional(),
    reading: weight.optional(),
  })
  .prefault({})

const optimizer = z
  .strictObject({
    betas: z.tuple([ratio.lt(1), ratio.lt(1)]).default([0.9, 0.999]), // torch's defaults
    epsilon: z.number().positive().default(1e-8), // torch's default
    weightDecay: z.number().min(0).max(1).default(0.01), // torch's default
  })
  .prefault({})

const schedule = z
  .strictObject({
    peak: z.number().positive().max(1).default(4e-5), // the learning rate of DreamO, section 4.1
    warmupSteps: z.int().min(0).default(100), // AdamW's moments are noise before
    decay: z.enum(['constant', 'cosine']).default('constant'), // stages are cut by hand; constant lets them be extended
    floor: ratio.default(0), // of a cosine
  })
  .prefault({})

const times = z
  .discriminatedUnion('kind', [
    z.strictObject({
      kind: z.literal('logit-normal'),
      mean: z.number().default(0), // symmetric around the middle of the flow
      std: z.number().positive().default(1), // the best of Stable Diffusion 3's study
    }),
    z.strictObject({ kind: z.literal('uniform') }),
  ])
  .prefault({ kind: 'logit-normal' })

const stage = z.strictObject({
  name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/, 'expected lower-case letters, digits and dashes'),
  steps: count,
  /** How often each task is drawn, relative to the others. Names are those of the data set. */
  mixture: z
    .record(z.string().min(1), z.number().min(0))
    .refine((ratios) => Object.values(ratios).some((value) => value > 0), 'expected a task with a ratio above 0'),
  batch: count.default(1), // samples of a micro-batch; FLUX at full size fits one on most machines
  accumulate: count.default(1), // micro-batches of a step
  losses: lossWeights,
  schedule,
  clipNorm: z.number().positive().default(1), // usual for transformers; rare long gradients do no harm
  emaDecay: ratio.lt(1).nullable().default(0.999), // a mean over some 1000 steps; null keeps none
  times,
  captionDropRate: ratio.default(0.1), // a tenth without caption makes true guidance possible at sampling
  plainCaptionRate: ratio.default(0.5), // half of the captions without placeholders, DreamO, section 3.3
  referenceDropRate: ratio.default(0), // for the quality stage, which must not copy
})

const trainConfig = z
  .strictObject({
    seed: seedSchema.default(0n),
    rank: count.default(128), // DreamO, section 4.1
    alpha: z.number().positive().optional(), // the rank: factor 1, which files without alpha mean
    loraMode: z.enum(['branches', 'fused']).default('branches'), // fused: as fast at any rank, but a gradient of each whole weight
    /** raw is what the paper prints; softmax gradients are hundreds of times smaller, so their λ must be larger. */
    routing: z.enum(['raw', 'minmax', 'softmax', 'softmax-full']).default('raw'),
    placeholder: z.enum(['scaled', 'unscaled', 'text']).default('scaled'), // scaled as attention itself
    namingLayers: layers.optional(), // where L_naming is taken, counted from 0 over double, then single blocks; absent: nowhere
    readingLayers: layers.optional(),
    guidance: z.number().min(0).max(100).default(1), // distilled guidance while training: 1 asks for none
    recompute: z.boolean().default(false), // blocks once more in the backward pass: for when memory is short
    optimizer,
    checkpointEvery: count.default(250), // steps
    keepCheckpoints: count.default(2), // the newest, and one before it
    stages: z
      .array(stage)
      .min(1)
      .refine((stages) => new Set(stages.map(({ name }) => name)).size === stages.length, 'expected different names'),
  })
  .superRefine((config, context) => {
    // A weight without layers would be read and do nothing.
    for (const [i, { losses }] of config.stages.entries()) {
      for (const loss of ['naming', 'reading'] as const) {
        const layers = `${loss}Layers` as const
        if (!losses[loss] || config[layers]) continue
        context.addIssue({
          code: 'custom',
          path: ['stages', i, 'losses', loss],
          message: `expected 0, or ${layers} beside stages`,
        })
      }
    }
  })

export type TrainConfig = z.output<typeof trainConfig>
export type StageConfig = z.output<typeof stage>

/** Checks a parsed training file and fills in defaults. Throws train/config-invalid with a line for each fault. */
export function parseTrainConfig(value: unknown, where = 'training file'): TrainConfig {
  const parsed = trainConfig.safeParse(value)
  if (parsed.success) return parsed.data
  const lines = parsed.error.issues.map(({ path, message }) => {
    const got = path.reduce<unknown>((at, key) => (at as Record<PropertyKey, unknown> | undefined)?.[key], value)
    return `${where}, ${path.map(String).join('.') || 'top level'}: ${message}, got ${printValue(got)}`
  })
  throw new TrainError('train/config-invalid', lines.join('\n'), { cause: parsed.error })
}

/** Reads a training file. Throws train/config-invalid. */
export async function readTrainConfig(path: string): Promise<TrainConfig> {
  const text = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw new TrainError('train/config-invalid', `${path}: expected a readable file, got ${cause.code}`, { cause })
  })
  try {
    return parseTrainConfig(JSON.parse(text), path)
  } catch (cause) {
    if (cause instanceof TrainError) throw cause
    throw new TrainError('train/config-invalid', `${path}: expected JSON, got ${(cause as Error).message}`, { cause })
  }
}

/** A config as JSON, 64-bit seed included; parses back to the same. */
export function printTrainConfig(config: TrainConfig): string {
  return JSON.stringify(config, printBigInt)
}

const printBigInt = (_: string, value: unknown): unknown => (typeof value === 'bigint' ? String(value) : value)

/**
 * What the numbers of a stage depend on, as readable JSON: the config up to that stage, without how often checkpoints are
 * written. A stage of constant learning rate may get more steps later. LoRA as branches goes unnamed, as it did before there
 * was a choice: checkpoints from then go on.
 */
export function stageIdentity(config: TrainConfig, stageIndex: number): string {
  const { checkpointEvery: _, keepCheckpoints: __, loraMode, ...others } = config
  const numbers = loraMode === 'branches' ? others : { ...others, loraMode }
  const stages = config.stages.slice(0, stageIndex + 1).map((stage, i) => {
    const { steps, ...rest } = stage
    return i === stageIndex && stage.schedule.decay === 'constant' ? rest : stage
  })
  return JSON.stringify({ ...numbers, stages }, printBigInt)
}

/** What a stage may resume from, and where it lies in its run's folder. */
export function stageRun(config: TrainConfig, stageIndex: number): { identity: string; steps: number; folder: string } {
  const { name, steps } = config.stages[stageIndex]
  return { identity: stageIdentity(config, stageIndex), steps, folder: `${stageIndex + 1}-${name}` }
}

function printValue(value: unknown): string {
  return (JSON.stringify(value) ?? 'nothing').slice(0, 80)
}
