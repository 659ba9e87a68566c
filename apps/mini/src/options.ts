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
}

/** Reads the command line. */
export function readOptions(): RecipeOptions {
  const { values } = parseArgs({
    options: {
      folder: { type: 'string', default: join(root, '.dreamgraph/mini') },
      share: { type: 'string', default: '1' },
      from: { type: 'string' },
    },
  })
  const share = Number(values.share)
  if (!(share > 0)) throw new Error(`--share: expected a number above 0, got ${values.share}`)
  return { folder: values.folder, share, ...(values.from !== undefined && { from: values.from }) }
}
