import { describe, expect, test } from 'vitest'
import { parseSchedulerConfig } from './configs.js'
import { DreamoError } from './errors.js'
import { eulerStep, foreseen, linearSigmas, scaleNoise, schedule } from './scheduler.js'
import { closeTo, goldenJson, openGolden } from './testing/golden.js'

const golden = openGolden<{ steps: number[]; image_seq_len: number[] }>('scheduler')
const dev = parseSchedulerConfig(goldenJson('scheduler/weights/scheduler/scheduler_config.json'))
const schnell = parseSchedulerConfig(goldenJson('scheduler/weights/scheduler_schnell/scheduler_config.json'))
const check = (name: string, got: ArrayLike<number>) => closeTo(got, golden.tensor(name).data, golden.tolerance(name))

describe('schedule', () => {
  for (const steps of golden.params.steps) {
    for (const imageTokens of golden.params.image_seq_len) {
      test(`dev: ${steps} steps over ${imageTokens} tokens, sigmas to the bit`, () => {
        const { mu, sigmas, timesteps } = schedule(dev, { steps, imageTokens })
        const name = `dev/n${steps}_seq${imageTokens}`
        check(`${name}/mu`, [mu!])
        expect(sigmas).toEqual(golden.tensor(`${name}/sigmas`).data)
        expect(timesteps).toEqual(golden.tensor(`${name}/timesteps`).data)
      })
    }
    test(`schnell: ${steps} steps, static shift, to the bit`, () => {
      const { mu, sigmas, timesteps } = schedule(schnell, { steps, imageTokens: 1024 })
      expect(mu).toBeUndefined()
      expect(sigmas).toEqual(golden.tensor(`schnell/n${steps}/sigmas`).data)
      expect(timesteps).toEqual(golden.tensor(`schnell/n${steps}/timesteps`).data)
    })
  }

  test('the pipeline case: sigmas, timesteps and what the transformer is given', () => {
    const pipeline = openGolden('pipeline_tiny')
    const got = schedule(dev, { steps: 4, imageTokens: 48 })
    closeTo([got.mu!], pipeline.tensor('mu').data, pipeline.tolerance('mu'))
    expect(Float32Array.from(linearSigmas(4))).toEqual(pipeline.tensor('linear_sigmas').data)
    expect(got.sigmas).toEqual(pipeline.tensor('sigmas').data)
    expect(got.timesteps).toEqual(pipeline.tensor('timesteps').data)
    expect(got.modelTimesteps).toEqual(pipeline.tensor('base/model_timestep').data)
  })

  test('a static shift of 3 bends the line: 3s / (1 + 2s)', () => {
    const { sigmas } = schedule({ ...schnell, shift: 3 }, { steps: 2, imageTokens: 1 })
    expect([...sigmas]).toEqual([1, 0.75, 0])
  })

  test('one step goes from pure noise straight to the picture', () => {
    expect([...schedule(dev, { steps: 1, imageTokens: 4096 }).sigmas]).toEqual([1, 0])
  })

  test.each([0, -1, 2.5, Number.NaN])('%s steps are refused', (steps) => {
    expect(() => schedule(dev, { steps, imageTokens: 1 })).toThrow(DreamoError)
  })
})

test('eulerStep follows the official steps', () => {
  const { sigmas } = schedule(dev, { steps: 12, imageTokens: 1024 })
  let sample = golden.tensor('step/sample').data
  const velocity = golden.tensor('step/model_output').data
  for (let i = 0; i < 3; i++) {
    sample = eulerStep(sample, velocity, { sigma: sigmas[i]!, sigmaNext: sigmas[i + 1]! })
    check(`step/after_${i}`, sample)
  }
})

test('what is foreseen is where one step to 0 would lead, and stays the same along a straight flow', () => {
  const [sample, velocity] = [Float32Array.of(1, -2, 0.5), Float32Array.of(0.5, 1, -4)]
  expect(foreseen(sample, velocity, 0.5)).toEqual(eulerStep(sample, velocity, { sigma: 0.5, sigmaNext: 0 }))
  const later = eulerStep(sample, velocity, { sigma: 0.5, sigmaNext: 0.25 })
  expect(foreseen(later, velocity, 0.25)).toEqual(foreseen(sample, velocity, 0.5))
  expect(foreseen(sample, velocity, 0)).toEqual(sample)
})

test('noised latents lie on the straight way from noise to picture, which a step of its velocity follows', () => {
  const [clean, noise] = [Float32Array.of(1, -2, 0.5), Float32Array.of(0.5, 1, -4)]
  expect(scaleNoise(clean, noise, 0)).toEqual(clean)
  expect(scaleNoise(clean, noise, 1)).toEqual(noise)
  const velocity = noise.map((x, i) => x - clean[i]!)
  const stepped = eulerStep(noise, velocity, { sigma: 1, sigmaNext: 0.25 })
  expect(scaleNoise(clean, noise, 0.25)).toEqual(stepped)
})
