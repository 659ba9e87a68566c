/** FlowMatch Euler as FLUX's pipeline drives it: the noise levels of a run and the step between them. No state. */
import type { SchedulerConfig } from './configs.js'
import { DreamoError } from './errors.js'

/** The noise levels of one run, from pure noise to the picture. */
export interface Schedule {
  /** [steps + 1] f32, falling from 1 to 0; step i goes from sigmas[i] to sigmas[i + 1]. */
  sigmas: Float32Array
  /** [steps] f32, 1000 · sigma: what schedulers and logs call t. */
  timesteps: Float32Array
  /** [steps] f32, t / 1000: what the transformer is given. Not always the bits of sigma: both roundings are kept. */
  modelTimesteps: Float32Array
  /** exp(mu) is the time shift; undefined with a static shift. */
  mu: number | undefined
}

/**
 * Noise levels for `steps` steps over `imageTokens` packed image tokens (reference tokens are not counted).
 * Sequence of roundings as diffusers 0.33.1: linspace in float64, everything after it in float32.
 */
export function schedule(config: SchedulerConfig, options: { steps: number; imageTokens: number }): Schedule {
  const { steps, imageTokens } = options
  if (!Number.isInteger(steps) || steps < 1) {
    throw new DreamoError('dreamo/steps-invalid', `steps: expected a whole number from 1 on, got ${steps}`)
  }
  const mu = config.dynamicShift ? shiftMu(config, imageTokens) : undefined
  const sigmas = new Float32Array(steps + 1)
  for (const [i, sigma] of linearSigmas(steps).entries()) {
    sigmas[i] = mu === undefined ? shiftStatic(f32(sigma), config.shift) : shiftExponential(f32(sigma), mu)
  }
  const timesteps = sigmas.slice(0, steps).map((sigma) => sigma * config.trainTimesteps)
  // The pipeline divides by 1000 whatever num_train_timesteps says.
  const modelTimesteps = timesteps.map((timestep) => timestep / 1000)
  return { sigmas, timesteps, modelTimesteps, mu }
}

/** mu on the line through (baseTokens, baseShift) and (maxTokens, maxShift); not clamped outside. */
export function shiftMu(config: SchedulerConfig, imageTokens: number): number {
  const slope = (config.maxShift - config.baseShift) / (config.maxTokens - config.baseTokens)
  return imageTokens * slope + (config.baseShift - slope * config.baseTokens)
}

/** linspace(1, 1/steps, steps), float64 with numpy's rounding (start + i · step, last value exact). */
export function linearSigmas(steps: number): Float64Array {
  const last = 1 / steps
  const stride = steps > 1 ? (last - 1) / (steps - 1) : 0
  const sigmas = Float64Array.from({ length: steps }, (_, i) => i * stride + 1)
  sigmas[steps - 1] = last
  return sigmas
}

/** One Euler step: x + (sigmaNext - sigma) · velocity, float32. Any shape; returns a new array. */
export function eulerStep(
  sample: Float32Array,
  velocity: Float32Array,
  range: { sigma: number; sigmaNext: number },
): Float32Array {
  const dt = f32(range.sigmaNext - range.sigma)
  const next = new Float32Array(sample.length)
  for (let i = 0; i < next.length; i++) next[i] = sample[i]! + f32(dt * velocity[i]!)
  return next
}

/** Latents with as much noise as sigma says: (1 - sigma) · latents + sigma · noise. Any shape; returns a new array. */
export function scaleNoise(latents: Float32Array, noise: Float32Array, sigma: number): Float32Array {
  return latents.map((x, i) => (1 - sigma) * x + sigma * noise[i]!)
}

/** Where the flow would end if it went straight on: x - sigma · velocity, the clean picture as it is foreseen. New array. */
export function foreseen(sample: Float32Array, velocity: Float32Array, sigma: number): Float32Array {
  return sample.map((x, i) => x - f32(sigma * velocity[i]!))
}

/** e^mu / (e^mu + 1/sigma - 1), float32. */
function shiftExponential(sigma: number, mu: number): number {
  const scale = f32(Math.exp(mu))
  return f32(scale / f32(scale + f32(f32(1 / sigma) - 1)))
}

/** shift · sigma / (1 + (shift - 1) · sigma), float32. */
function shiftStatic(sigma: number, shift: number): number {
  return f32(f32(shift * sigma) / f32(1 + f32((shift - 1) * sigma)))
}

const f32 = Math.fround
