// What every command of the recipe is told.
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const root = fileURLToPath(new URL('../../..', import.meta.url))

export interface RecipeOptions {
  /** Where data, checkpoints and the model (in `model/`) lie. */
  readonly folder: string
  /** Share of the recipe's steps to take. */
  readonly share: number
  /** Folder of a trained model to go on from. */
  readonly from?: string
  /** The only seed to train with, where a command trains with several. */
  readonly seed?: bigint
}

/** Reads the command line. */
export function readOptions(): RecipeOptions {
  const { values } = parseArgs({
    options: {
      folder: { type: 'string', default: join(root, '.dreamgraph/mini') },
      share: { type: 'string', default: '1' },
      from: { type: 'string' },
      seed: { type: 'string' },
    },
  })
  const share = Number(values.share)
  if (!(share > 0)) throw new Error(`--share: expected a number above 0, got ${values.share}`)
  if (values.seed !== undefined && !/^\d+$/.test(values.seed)) {
    throw new Error(`--seed: expected a whole number from 0, got ${values.seed}`)
  }
  return {
    ...{ folder: values.folder, share },
    ...(values.from !== undefined && { from: values.from }),
    ...(values.seed !== undefined && { seed: BigInt(values.seed) }),
  }
}
