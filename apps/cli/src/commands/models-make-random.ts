// `dreamgraph models make-random`: a model of a few megabytes to try the pipe with; it has learnt nothing.
import { readdir } from 'node:fs/promises'
import { parseSeed } from '@dreamgraph/dreamo'
import { writeRandomModel } from '@dreamgraph/nodes'
import { Command } from 'commander'
import { CliError } from '../errors.js'

export function modelsMakeRandomCommand(): Command {
  return new Command('make-random')
    .description('write a tiny complete model with random weights, to try things with')
    .argument('<folder>', 'where to write it; must be empty or absent')
    .option('--seed <number>', 'the same seed gives the same model', '0')
    .addHelpText('after', examples)
    .action(makeRandom)
}

const examples = `
The model has every part of FLUX.1-dev with DreamO and every preset, in under 2 MB. Its weights are random: pictures
made with it are coloured noise. They show that the pipe works, not what DreamO can do.

Example:
  $ dreamgraph models make-random /tmp/tiny
  $ dreamgraph run examples/workflows/one-subject.json --input model=/tmp/tiny
`

async function makeRandom(folder: string, { seed }: { seed: string }): Promise<void> {
  const existing = await readdir(folder).catch(() => [])
  if (existing.length > 0) {
    const got = `${existing.length} files, ${existing[0]} among them`
    throw new CliError('cli/folder-not-empty', `${folder}: expected an empty or absent folder, got ${got}`)
  }
  await writeRandomModel(folder, { seed: parseSeed(seed, '--seed') })
  process.stdout.write(`wrote ${folder}\n`)
}
