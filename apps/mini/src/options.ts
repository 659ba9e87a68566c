// What every command of the recipe is told.
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Command, InvalidArgumentError } from 'commander'

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

/** Reads the command line; help, and what is wrong with it, end the process. */
export function readOptions(): RecipeOptions {
  return new Command(basename(process.argv[1] ?? 'part'))
    .description(
      'A part of the recipe of the mini model, see apps/mini/README.md; npm run train:mini runs them in order.',
    )
    .option(
      '--folder <folder>',
      'where data, checkpoints and the model (in model/) lie',
      join(root, '.dreamgraph/mini'),
    )
    .option('--share <share>', "share of the recipe's steps to take", readShare, 1)
    .option('--from <model>', 'folder of a trained model to go on from')
    .option('--seed <seed>', 'the only seed to train with, for the ablations', readSeed)
    .parse()
    .opts<RecipeOptions>()
}

function readShare(text: string): number {
  if (Number(text) > 0) return Number(text)
  throw new InvalidArgumentError('expected a number above 0')
}

function readSeed(text: string): bigint {
  if (/^\d+$/.test(text)) return BigInt(text)
  throw new InvalidArgumentError('expected a whole number from 0')
}
