// `dreamgraph upgrade`: rewrites workflow files in the newest form.
import { DocumentError } from '@dreamgraph/graph'
import { upgradeWorkflowFile } from '@dreamgraph/nodes'
import { Command } from 'commander'
import { WorkflowInvalid } from '../problems.js'

export function upgradeCommand(): Command {
  return new Command('upgrade')
    .description('rewrite workflows in the newest schema and node versions')
    .argument('<file...>', 'workflow files')
    .addHelpText('after', examples)
    .action(upgrade)
}

const examples = `
Old files run as they are; this makes them readable for tools that know the newest form only. Whatever need not change
keeps its bytes, and a file that is new already is not touched.

Examples:
  $ dreamgraph upgrade flows/*.json
`

async function upgrade(files: readonly string[]): Promise<void> {
  for (const file of files) {
    const isChanged = await upgradeWorkflowFile(file).catch((error) => {
      throw error instanceof DocumentError ? new WorkflowInvalid(file, error.problems) : error
    })
    process.stdout.write(`${file}: ${isChanged ? 'upgraded' : 'new already'}\n`)
  }
}
