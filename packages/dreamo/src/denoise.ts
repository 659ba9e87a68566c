// The sampler: noise becomes latents by following the velocity field from sigma 1 to 0 under text and references.
import { cachedField } from './cached-field.js'
import type { EncodedReference } from './encode-reference.js'
import type { EncodedText } from './encode-text.js'
import { DreamoError } from './errors.js'
import type { TokenGrid } from './latents.js'
import type { Model } from './model.js'
import { orderReferences } from './references.js'
import type { Responses } from './routing-maps.js'
import { eulerStep, schedule } from './scheduler.js'
import { type FieldConditions, FieldGathering, type VelocityField, velocityField } from './velocity-field.js'

export interface TrueCfg {
  readonly negative: EncodedText
  /** v = negative + scale·(positive − negative); nothing is done at 1 and below. */
  readonly scale: number
  /** First step with the negative branch, from 0. */
  readonly startStep: number
  /** First step without it again. */
  readonly endStep: number
  /** Guidance embedding of the negative branch. */
  readonly guidance: number
}

export interface DenoiseRequest {
  /** Packed noise of the picture, [tokens, inChannels] f32. */
  readonly noise: Float32Array
  readonly grid: TokenGrid
  readonly text: EncodedText
  readonly references: readonly EncodedReference[]
  readonly steps: number
  /** Distilled guidance; ignored by models without a guidance embedding. */
  readonly guidance: number
  /** Guidance of the first step; that of the others unless told. */
  readonly firstStepGuidance?: number
  readonly trueCfg?: TrueCfg
  /**
   * First-block cache: a step whose first block changes less than this takes most of its work from an earlier step. 0, the
   * default, computes every step in full.
   */
  readonly firstBlockCache?: number
  /**
   * Shares passes with others that denoise with the same model at the same time, as far as they have as many tokens of each
   * kind: pictures of several seeds then take little longer than one where they are small. Latents stay the same to the
   * byte on a CPU. Each step waits for the others' `onStep`.
   */
  readonly together?: boolean
  readonly signal?: AbortSignal
  /** Asked before each step: whether to tell where the references respond. */
  readonly wantsResponses?: () => boolean
  /** After each step; a promise is waited for. The arrays must not be changed. */
  readonly onStep?: (step: DenoiseStep) => unknown
}

export interface DenoiseStep {
  /** From 1. */
  readonly step: number
  readonly steps: number
  /** Packed latents after the step. */
  readonly latents: Float32Array
  /** Velocity of the positive branch, and of the negative one where it ran. */
  readonly velocity: Float32Array
  readonly negativeVelocity?: Float32Array
  /** The velocity that was followed: of the positive branch, or mixed with the negative one. */
  readonly direction: Float32Array
  /** Noise level after the step. */
  readonly sigma: number
  /** Where they were asked for and there are references: what the positive branch's attention saw. */
  readonly responses?: Responses
  /** With the first-block cache: the positive branch took most of its work from an earlier step. */
  readonly isReused?: boolean
}

/**
 * Denoises packed latents: [tokens, inChannels] f32 → same. FlowMatch Euler; the same request gives the same bytes.
 * Throws dreamo/steps-invalid, dreamo/sampling-invalid, dreamo/embeddings-missing.
 */
export async function denoise(model: Model, request: DenoiseRequest): Promise<Float32Array> {
  const { grid, text, steps, guidance, trueCfg, signal, wantsResponses, onStep } = request
  checkRequest(model, request)
  const { sigmas, modelTimesteps } = schedule(model.scheduler, { steps, imageTokens: grid.rows * grid.columns })
  const references = orderReferences(request.references)
  // Without references the image still gets its row; the negative branch of true CFG knows neither.
  const threshold = request.firstBlockCache ?? 0
  const gathering = request.together && threshold === 0 ? gatheringOf(model) : new FieldGathering()
  const fieldOf = (conditions: FieldConditions): VelocityField =>
    threshold > 0 ? cachedField(model, conditions, threshold) : velocityField(model, conditions, gathering)
  const positive = fieldOf({ grid, text, references, hasRows: true })
  const negative = trueCfg && fieldOf({ grid, text: trueCfg.negative, references: [], hasRows: false })

  let latents = request.noise
  const leave = gathering.join(request.together ? arrivalMs : 0)
  try {
    for (let i = 0; i < steps; i++) {
      const at = { latents, sigma: modelTimesteps[i], signal }
      const stepGuidance = i === 0 ? (request.firstStepGuidance ?? guidance) : guidance
      const withResponses = wantsResponses?.() ?? false
      const { velocity, responses, isReused } = await positive({ ...at, guidance: stepGuidance, withResponses })
      const guided = trueCfg && trueCfg.scale > 1 && i >= trueCfg.startStep && i < trueCfg.endStep
      const negativeVelocity = guided ? (await negative!({ ...at, guidance: trueCfg.guidance })).velocity : undefined
      const direction = negativeVelocity ? mixTrueCfg(velocity, negativeVelocity, trueCfg!.scale) : velocity
      latents = eulerStep(latents, direction, { sigma: sigmas[i], sigmaNext: sigmas[i + 1] })
      const values = { latents, velocity, negativeVelocity, direction, responses, isReused }
      await onStep?.({ step: i + 1, steps, sigma: sigmas[i + 1], ...values })
    }
    return latents
  } finally {
    leave()
  }
}

/** Items of a list are looked up in the cache one by one, so they do not start in the same moment. */
const arrivalMs = 20

const gatherings = new WeakMap<Model, FieldGathering>()

function gatheringOf(model: Model): FieldGathering {
  const gathering = gatherings.get(model) ?? new FieldGathering()
  gatherings.set(model, gathering)
  return gathering
}

/** negative + scale·(positive − negative), float32 at each step. */
const mixTrueCfg = (positive: Float32Array, negative: Float32Array, scale: number): Float32Array =>
  positive.map((p, i) => negative[i] + Math.fround(scale * Math.fround(p - negative[i])))

function checkRequest(model: Model, request: DenoiseRequest): void {
  const { noise, grid, guidance, firstStepGuidance = guidance, firstBlockCache = 0, references, trueCfg } = request
  const expected = grid.rows * grid.columns * model.transformer.config.inChannels
  if (noise.length !== expected) throw new Error(`internal: noise: expected ${expected} values, got ${noise.length}`)
  if (references.length > 0 && !model.embeddings) {
    throw new DreamoError(
      'dreamo/embeddings-missing',
      `references: expected a model with DreamO's embeddings (load dreamo.safetensors), got ${references.length} references for plain FLUX`,
    )
  }
  const numbers = {
    guidance,
    'first-block cache': firstBlockCache,
    'first step guidance': firstStepGuidance,
    ...(trueCfg ? { 'true CFG scale': trueCfg.scale, 'negative guidance': trueCfg.guidance } : {}),
  }
  for (const [name, value] of Object.entries(numbers)) {
    if (!Number.isFinite(value)) {
      throw new DreamoError('dreamo/sampling-invalid', `${name}: expected a finite number, got ${value}`)
    }
  }
}
