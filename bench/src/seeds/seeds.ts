// What pictures of several seeds cost when they share passes of the transformer.
import type { Bench, Figure } from '../figure.js'
import { inWorker } from '../worker.js'
import type { SeedsOptions, SeedsResult } from './times.js'

const rounds = 5

export const seeds: Bench = {
  name: 'seeds',
  title: 'A list of seeds by the mini model: 128×128, two references, 12 steps with true guidance',
  async run() {
    const url = new URL('./times.js', import.meta.url)
    const figures: Figure[] = []
    for (const count of [2, 4, 8]) {
      const { alone, together } = await inWorker<SeedsOptions, SeedsResult>(url, { count, rounds })
      figures.push({
        ...{ what: `${count} seeds together, a picture`, value: together / count, unit: 'ms' },
        ...{ yardstick: { name: 'one after the other', value: alone / count } },
      })
    }
    return {
      setting: [`float32, LoRA fused, ${rounds} rounds, the sampler alone; latents are the same to the byte.`],
      figures,
    }
  },
}
