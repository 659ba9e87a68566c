// `dreamgraph models`: the models that have a name here, and whether a model fits together.
import { Command } from 'commander'
import { modelsAddCommand } from './models-add.js'
import { modelsCheckCommand } from './models-check.js'
import { modelsDownloadCommand } from './models-download.js'
import { modelsListCommand } from './models-list.js'
import { modelsMakeRandomCommand } from './models-make-random.js'
import { modelsRemoveCommand } from './models-remove.js'

export function modelsCommand(): Command {
  const models = new Command('models')
    .description('name, download, list and check models')
    .addHelpText('after', examples)
  const commands = [
    modelsListCommand(),
    modelsAddCommand(),
    modelsDownloadCommand(),
    modelsRemoveCommand(),
    modelsCheckCommand(),
    modelsMakeRandomCommand(),
  ]
  for (const command of commands) models.addCommand(command)
  return models
}

const examples = `
A model is a folder as FLUX.1-dev is downloaded, with DreamO's files in DreamO/ and the turbo LoRA in
FLUX.1-Turbo-Alpha/ beside them if they are to be used. Nothing is converted or copied.

Examples:
  $ dreamgraph models download flux black-forest-labs/FLUX.1-dev
  $ dreamgraph models add flux /models/FLUX.1-dev
  $ dreamgraph run examples/workflows/text-only.json --input model=flux
  $ dreamgraph models check flux
  $ dreamgraph run examples/workflows/mini.json      by the mini model, which has its name from the start
`
