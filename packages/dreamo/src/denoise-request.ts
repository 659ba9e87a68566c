// What the sampler is asked for, and which requests it refuses.
import type { EncodedReference } from './encode-reference.js'
import type { EncodedText } from './encode-text.js'
import { DreamoError } from './errors.js'
import type { TokenGrid } from './latents.js'
import type { Model } from './model.js'
import type { Responses } from './routing-maps.js'

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

/** Throws dreamo/sampling-invalid, dreamo/embeddings-missing. */
export function checkRequest(model: Model, request: DenoiseRequest): void {
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
