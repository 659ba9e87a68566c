// `dreamgraph models add`: gives a model folder a name. Nothing is copied.
import { resolve } from 'node:path'
import { modelFiles } from '@dreamgraph/dreamo'
import { Command } from 'commander'
import { withWorkbench } from '../bench.js'

export function modelsAddCommand(): Command {
  return new Command('add')
    .description('give a model folder a name that workflows can use')
    .argument('<name>', 'letters, digits, dots, dashes and underscores')
    .argument('<folder>', 'a folder as FLUX.1-dev is downloaded')
    .addHelpText('after', examples)
    .action(add)
}

const examples = `
Workflows then say the name, and run on any machine that has a model of that name. An older model of the same name is
forgotten; its files stay.

Example:
  $ dreamgraph models add flux /models/FLUX.1-dev
`

async function add(name: string, path: string): Promise<void> {
  const folder = resolve(path)
  await modelFiles(folder) // says what is missing
  await withWorkbench({}, (bench) => bench.models.add(name, { folder }))
  process.stdout.write(`${name}: ${folder}\n`)
}
