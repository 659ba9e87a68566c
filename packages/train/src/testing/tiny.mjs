// The smallest real training: the golden transformer with LoRA, on made-up batches of two buckets and two tasks.
import { fileURLToPath } from 'node:url'
import { gaussianNoise, openComponent } from '@dreamgraph/dreamo'
import { adapterModel, parseTrainConfig } from '../../dist/index.js'

const folder = new URL('../../../../test/fixtures/golden/flux_tiny/weights/transformer', import.meta.url)

export const tinyTransformer = () => openComponent('transformer', fileURLToPath(folder))

export const tinyConfig = (stage = {}, rest = {}) =>
  parseTrainConfig({
    seed: '7',
    rank: 2,
    checkpointEvery: 2,
    ...rest,
    stages: [
      {
        name: 'tiny',
        steps: 6,
        batch: 2,
        accumulate: 2,
        mixture: { subject: 1, identity: 1 },
        schedule: { peak: 1e-3, warmupSteps: 2, decay: 'cosine' },
        ...stage,
      },
    ],
  })

export const tinyModel = async ({ rank, seed } = { rank: 2, seed: 7n }) =>
  adapterModel(await tinyTransformer(), { rank, alpha: rank, seed })

const size = (rows, columns) => ({ height: 16 * rows, width: 16 * columns })
const buckets = {
  one: { batch: 2, image: size(3, 4), references: [{ slot: 1, image: size(2, 2) }], textTokens: 6 },
  two: {
    batch: 2,
    image: size(3, 4),
    references: [1, 2].map((slot) => ({ slot, image: size(2, 2) })),
    textTokens: 6,
  },
}

/** Batches that depend on the step's random numbers alone. Plain captions and absent masks occur. */
export const tinySource = (change = (batch) => batch) => ({
  buckets,
  async next(step, rng) {
    const bucket = rng() < 0.5 ? 'one' : 'two'
    const references = buckets[bucket].references.length
    const seed = BigInt(Math.floor(rng() * 2 ** 32))
    const values = (length, index) => gaussianNoise(length, { seed, stream: 'reference', index })
    const batch = {
      bucket,
      task: rng() < 0.5 ? 'subject' : 'identity',
      latents: values(2 * 12 * 64, 0),
      references: values(2 * references * 4 * 64, 1),
      text: values(2 * 6 * 32, 2),
      pooled: values(2 * 24, 3),
      ...(rng() < 0.7 && { masks: values(2 * references * 12, 4).map((value) => (value > 0 ? 1 : 0)) }),
      ...(rng() < 0.5 && { placeholders: [1, 3].map((at) => [at, at + 1].slice(0, references)) }),
    }
    return change(batch, step)
  },
})
