// The sampler: noise becomes latents by following the velocity field from sigma 1 to 0 under text and references.
import { cachedField } from './cached-field.js'
import type { EncodedReference } from './encode-reference.js'
import type { EncodedText } from './encode-text.js'
import { DreamoError } from './errors.js'
import { type FieldConditions, type FieldPoint, sequenceTokens } from './field-feeds.js'
import { Gathering } from './gathering.js'
import type { TokenGrid } from './latents.js'
import { isSmall } from './lora.js'
import type { Model } from './model.js'
import { orderReferences } from './references.js'
import type { Responses } from './routing-maps.js'
import { eulerStep, schedule } from './scheduler.js'
import type { Sessions } from './sessions.js'
import { type FieldOptions, type FieldValue, mostInPass, type VelocityField, velocityField } from './velocity-field.js'

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
  /** Packed noise of the picture, [tokens, inChannels] f32; with `fromStep` what it has become until there. */
  readonly noise: Float32Array
  /** First step that is taken, from 0: those before it count as done. At `steps` nothing is left to do. */
  readonly fromStep?: number
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
   * byte on a CPU. Each step waits for the others' `onStep`. Where nothing would be gained, one goes after the other.
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
  const { grid, steps, fromStep = 0, guidance, trueCfg, signal, wantsResponses, onStep } = request
  checkRequest(model, request)
  const isShared = request.together === true
  if (isShared && !gainsTogether(model, request)) {
    return inTurn(model, () => denoise(model, { ...request, together: false }))
  }
  const { sigmas, modelTimesteps } = schedule(model.scheduler, { steps, imageTokens: grid.rows * grid.columns })
  const gathering = isShared ? gatheringOf(model) : new Gathering()
  const velocitiesAt = branches(model, request, gathering)
  const guidanceOf = (step: number): number => (step === 0 ? (request.firstStepGuidance ?? guidance) : guidance)
  const points = Array.from({ length: steps }, (_, i) => ({ sigma: modelTimesteps[i], guidance: guidanceOf(i) }))
  const ahead = points.slice(fromStep)

  let latents = request.noise
  const leave = gathering.join(isShared ? arrivalMs : 0)
  try {
    for (let i = fromStep; i < steps; i++) {
      const isGuided = trueCfg !== undefined && trueCfg.scale > 1 && i >= trueCfg.startStep && i < trueCfg.endStep
      const { velocity, negativeVelocity, responses, isReused } = await velocitiesAt(
        {
          latents,
          ...points[i],
          ahead,
          withResponses: wantsResponses?.() ?? false,
          signal,
        },
        isGuided,
      )
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

type Velocities = FieldValue & { readonly negativeVelocity?: Float32Array }

/** Both branches as one function: what it tells of a point, the negative velocity where that is guided. */
function branches(
  model: Model,
  request: DenoiseRequest,
  gathering: Gathering,
): (at: FieldPoint, isGuided: boolean) => Promise<Velocities> {
  const { grid, text, references: given, trueCfg, firstBlockCache = 0 } = request
  const references = orderReferences(given)
  // Without references the image still gets its row; the negative branch of true CFG knows neither.
  const conditions: FieldConditions = { grid, text, references, hasRows: true }
  const halves = halvesFor(model, request)
  const fieldOf = (conditions: FieldConditions, options: FieldOptions): VelocityField =>
    firstBlockCache > 0 ? cachedField(model, conditions, firstBlockCache) : velocityField(model, conditions, options)
  const positive = fieldOf(conditions, { gathering, sessions: halves?.[0] })
  if (!trueCfg) return positive
  const without: FieldConditions = { grid, text: trueCfg.negative, references: [], hasRows: false }
  const negative = fieldOf(without, halves ? { sessions: halves[1] } : { gathering })
  return async (at, isGuided) => {
    if (!isGuided) return positive(at)
    const other = (): Promise<FieldValue> => {
      const ahead = at.ahead?.map(({ sigma }) => ({ sigma, guidance: trueCfg.guidance }))
      return negative({ ...at, guidance: trueCfg.guidance, ahead, withResponses: false })
    }
    const [value, { velocity }] = halves
      ? await Promise.all([positive(at), other()])
      : [await positive(at), await other()]
    return { ...value, negativeVelocity: velocity }
  }
}

/**
 * Where the branches of true CFG run side by side, each on half of the processor. Threads on one small product mostly wait for each
 * other; on large ones they do not, and weights would be read and held twice.
 */
function halvesFor(
  model: Model,
  { grid, text, references, trueCfg, firstBlockCache = 0, together = false }: DenoiseRequest,
): readonly [Sessions, Sessions] | undefined {
  // Who shares passes with others has enough to do in each as it is.
  if (!trueCfg || trueCfg.scale <= 1 || firstBlockCache > 0 || together || !isSmall(model)) return undefined
  const tokens = sequenceTokens({ grid, text, references, hasRows: true })
  return mostInPass(model.transformer.config, tokens) < 1 ? undefined : model.sessions.halves()
}

/** Large pictures fill a pass, and with the first-block cache each takes its own way. */
function gainsTogether(model: Model, { grid, text, references, firstBlockCache = 0 }: DenoiseRequest): boolean {
  const tokens = sequenceTokens({ grid, text, references, hasRows: true })
  return firstBlockCache === 0 && mostInPass(model.transformer.config, tokens) > 1
}

const turns = new WeakMap<Model, Promise<unknown>>()

/** Does the work when that of all before is done. */
function inTurn<T>(model: Model, work: () => Promise<T>): Promise<T> {
  const mine = (turns.get(model) ?? Promise.resolve()).then(work)
  turns.set(
    model,
    mine.catch(() => {}), // a failure is its own alone
  )
  return mine
}

/** Items of a list are looked up in the cache one by one, so they do not start in the same moment. */
const arrivalMs = 20

const gatherings = new WeakMap<Model, Gathering>()

function gatheringOf(model: Model): Gathering {
  const gathering = gatherings.get(model) ?? new Gathering()
  gatherings.set(model, gathering)
  return gathering
}

/** negative + scale·(positive − negative), float32 at each step. */
function mixTrueCfg(positive: Float32Array, negative: Float32Array, scale: number): Float32Array {
  const mixed = new Float32Array(positive.length)
  for (let i = 0; i < mixed.length; i++) {
    mixed[i] = negative[i] + Math.fround(scale * Math.fround(positive[i] - negative[i]))
  }
  return mixed
}

function checkRequest(model: Model, request: DenoiseRequest): void {
  const { noise, grid, steps, fromStep = 0, guidance, firstStepGuidance = guidance, firstBlockCache = 0 } = request
  const { references, trueCfg } = request
  const expected = grid.rows * grid.columns * model.transformer.config.inChannels
  if (noise.length !== expected) throw new Error(`internal: noise: expected ${expected} values, got ${noise.length}`)
  if (references.length > 0 && !model.embeddings) {
    throw new DreamoError(
      'dreamo/embeddings-missing',
      `references: expected a model with DreamO's embeddings (load dreamo.safetensors), got ${references.length} references for plain FLUX`,
    )
  }
  if (fromStep !== 0 && !(Number.isInteger(fromStep) && fromStep > 0 && fromStep <= steps)) {
    throw new DreamoError(
      'dreamo/sampling-invalid',
      `first step: expected a whole number from 0 to ${steps}, the number of steps, got ${fromStep}`,
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
