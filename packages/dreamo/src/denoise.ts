// The sampler: noise becomes latents by following the velocity field from sigma 1 to 0 under text and references.
import { branches } from './branches.js'
import { checkRequest, type DenoiseRequest } from './denoise-request.js'
import { sequenceTokens } from './field-feeds.js'
import type { Model } from './model.js'
import { eulerStep, schedule } from './scheduler.js'
import { mostInPass } from './velocity-field.js'

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
  const { velocitiesAt, leave } = branches(model, request)
  const guidanceOf = (step: number): number => (step === 0 ? (request.firstStepGuidance ?? guidance) : guidance)
  const points = Array.from({ length: steps }, (_, i) => ({ sigma: modelTimesteps[i], guidance: guidanceOf(i) }))
  const ahead = points.slice(fromStep)

  let latents = request.noise
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

/** negative + scale·(positive − negative), float32 at each step. */
function mixTrueCfg(positive: Float32Array, negative: Float32Array, scale: number): Float32Array {
  const mixed = new Float32Array(positive.length)
  for (let i = 0; i < mixed.length; i++) {
    mixed[i] = negative[i] + Math.fround(scale * Math.fround(positive[i] - negative[i]))
  }
  return mixed
}
