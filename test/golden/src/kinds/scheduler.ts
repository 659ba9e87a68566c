// Scheduler cases: mu, sigmas and timesteps over a grid of steps and sizes, and the Euler step.
import { join } from 'node:path'
import { eulerStep, parseSchedulerConfig, readJson, type SchedulerConfig, schedule } from '@dreamgraph/dreamo'
import type { GoldenCase } from '../case-folder.js'
import type { Computed } from '../computed.js'

export async function runScheduler(golden: GoldenCase): Promise<Computed> {
  const read = async (folder: string): Promise<SchedulerConfig> =>
    parseSchedulerConfig(await readJson(join(golden.dir, 'weights', folder, 'scheduler_config.json')))
  const [dev, schnell] = [await read('scheduler'), await read('scheduler_schnell')]
  const computed: Computed = new Map()
  for (const steps of golden.params.steps as number[]) {
    for (const imageTokens of golden.params.image_seq_len as number[]) {
      const { mu, sigmas, timesteps } = schedule(dev, { steps, imageTokens })
      const name = `dev/n${steps}_seq${imageTokens}`
      computed.set(`${name}/mu`, [mu!])
      computed.set(`${name}/sigmas`, sigmas)
      computed.set(`${name}/timesteps`, timesteps)
    }
    const { sigmas, timesteps } = schedule(schnell, { steps, imageTokens: 1024 })
    computed.set(`schnell/n${steps}/sigmas`, sigmas)
    computed.set(`schnell/n${steps}/timesteps`, timesteps)
  }
  // Three steps with one velocity, as the case describes: n = 12, 1024 tokens.
  const { sigmas } = schedule(dev, { steps: 12, imageTokens: 1024 })
  let sample = golden.tensor('step/sample').data
  for (const i of [0, 1, 2]) {
    sample = eulerStep(sample, golden.tensor('step/model_output').data, { sigma: sigmas[i], sigmaNext: sigmas[i + 1] })
    computed.set(`step/after_${i}`, sample)
  }
  return computed
}
