// A whole picture on a tiny model: there the transformer is cheap, so everything around it shows.
import type { Bench } from '../figure.js'
import { inWorker } from '../worker.js'
import type { PictureOptions, PictureTimes } from './times.js'

const side = 128
const steps = 12
const rounds = 7

export const picture: Bench = {
  name: 'picture',
  title: `A picture of ${side}×${side}, ${steps} steps, two references, from the example flow on a tiny random model`,
  async run() {
    const options = { side, steps, rounds }
    const url = new URL('./times.js', import.meta.url)
    const { firstMs, nextMs, stepMs } = await inWorker<PictureOptions, PictureTimes>(url, options)
    const yardstick = { name: `its ${steps} steps alone`, value: steps * stepMs }
    const share = (100 * yardstick.value) / nextMs
    return {
      setting: [
        `${rounds} rounds, nothing cached; references, text, sampler, decoder and PNG in one run of the workbench.`,
        `${(1000 / stepMs).toFixed(1)} steps/s; the steps are ${share.toFixed(0)} % of a picture, the rest is around the sampler.`,
      ],
      figures: [
        { what: 'first picture', value: firstMs, unit: 'ms', yardstick },
        { what: 'next picture', value: nextMs, unit: 'ms', yardstick },
        { what: 'one step', value: stepMs, unit: 'ms' },
      ],
    }
  },
}
