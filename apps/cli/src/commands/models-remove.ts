// `dreamgraph models remove`: forgets a name. The model's files stay.
import { Command } from 'commander'
import { withWorkbench } from '../bench.js'
import { CliError } from '../errors.js'

export function modelsRemoveCommand(): Command {
  return new Command('remove')
    .description("forget a model's name; its files stay")
    .argument('<name>', 'a name from `models list`')
    .action(remove)
}

async function remove(name: string): Promise<void> {
  await withWorkbench({}, async ({ models }) => {
    if (await models.remove(name)) return
    const left = await models.list()
    if (name in left) {
      const message = `models remove: expected a name that was added, got "${name}", which comes with dreamgraph`
      throw new CliError('cli/usage', message)
    }
    const names = Object.keys(left).join(', ') || 'there are none'
    throw new CliError('cli/usage', `models remove: expected a name from \`models list\` (${names}), got "${name}"`)
  })
  process.stdout.write(`${name}: forgotten\n`)
}
