// What every command of the recipe is told.
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Command, InvalidArgumentError, Option } from 'commander'

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

/** Options that some commands take. */
const some = {
  from: new Option('--from <model>', 'folder of a trained model to go on from'),
  seed: new Option('--seed <seed>', 'the only seed to train with').argParser(readSeed),
} as const

export type SomeOption = keyof typeof some

/** Reads the command line; help, and what is wrong with it, end the process. What a command does not take is refused. */
export function readOptions(takes: readonly SomeOption[]): RecipeOptions {
  const command = new Command(basename(process.argv[1] ?? 'part'))
    .description(
      'A part of the recipe of the mini model, see apps/mini/README.md; npm run train:mini runs them in order.',
    )
    .option(
      '--folder <folder>',
      'where data, checkpoints and the model (in model/) lie',
      join(root, '.dreamgraph/mini'),
    )
    .option('--share <share>', "share of the recipe's steps to take", readShare, 1)
  for (const name of takes) command.addOption(some[name])
  return command.parse().opts<RecipeOptions>()
}

function readShare(text: string): number {
  if (Number(text) > 0) return Number(text)
  throw new InvalidArgumentError('expected a number above 0')
}

function readSeed(text: string): bigint {
  if (/^\d+$/.test(text)) return BigInt(text)
  throw new InvalidArgumentError('expected a whole number from 0')
}
