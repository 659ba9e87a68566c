// `dreamgraph models list`: the models that have a name here.
import { Command } from 'commander'
import { withWorkbench } from '../bench.js'
import { jsonOption } from '../options.js'
import { printJson } from '../progress/json-lines.js'
import { columns } from '../table.js'

export function modelsListCommand(): Command {
  return new Command('list')
    .description('list the models that have a name')
    .addOption(jsonOption('print one JSON object: name → paths'))
    .action(list)
}

async function list({ json }: { json?: boolean }): Promise<void> {
  const models = await withWorkbench({}, (bench) => bench.models.list())
  if (json) printJson(models)
  else if (Object.keys(models).length === 0)
    process.stdout.write('no models yet; `dreamgraph models add NAME FOLDER`\n')
  else {
    const rows = Object.entries(models).map(([name, entry]) => [name, entry.folder ?? Object.values(entry).join(', ')])
    for (const line of columns(rows)) process.stdout.write(`${line}\n`)
  }
}
