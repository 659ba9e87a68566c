// `dreamgraph models check`: what a model folder or file holds, and whether its parts fit.
import { checkModel, checkModelEntry, type ModelReport, type PartReport } from '@dreamgraph/nodes'
import { Command } from 'commander'
import { withWorkbench } from '../bench.js'
import { exitCodes } from '../exit-codes.js'
import { jsonOption } from '../options.js'
import { printJson } from '../progress/json-lines.js'
import { columns } from '../table.js'

export function modelsCheckCommand(): Command {
  return new Command('check')
    .description('say for every part of a model, and for every preset, whether it is there and fits')
    .argument(
      '[name-or-path]',
      'a name from `models list`, a model folder, or one .safetensors file; all names if absent',
    )
    .addOption(jsonOption('print a JSON object {path, ok, parts, loras, presets} a line for each model'))
    .addHelpText('after', examples)
    .action(check)
}

const examples = `
Exit code 0: everything that is needed is there and fits. 2: something is missing or does not fit.

Examples:
  $ dreamgraph models check                     every model that has a name, the mini model among them
  $ dreamgraph models check /models/FLUX.1-dev
  $ dreamgraph models check my-style-lora.safetensors
`

async function check(nameOrPath: string | undefined, { json }: { json?: boolean }): Promise<void> {
  const models = await withWorkbench({}, (bench) => bench.models.list())
  const reports = await Promise.all(
    nameOrPath === undefined
      ? Object.values(models).map(checkModelEntry)
      : [models[nameOrPath] ? checkModelEntry(models[nameOrPath]) : checkModel(nameOrPath)],
  )
  for (const [i, report] of reports.entries()) {
    if (json) printJson(report)
    else for (const line of [...(i > 0 ? [''] : []), ...describe(report)]) process.stdout.write(`${line}\n`)
  }
  if (!reports.every(({ ok }) => ok)) process.exitCode = exitCodes.invalidInput
}

function describe({ path, ok, parts, loras, presets }: ModelReport): string[] {
  const row = ({ part, path: at, state, detail }: PartReport): string[] => {
    return [part, state, at.startsWith(`${path}/`) ? at.slice(path.length + 1) : at, detail]
  }
  return [
    ...columns([...parts, ...loras].map(row)),
    ...presets.map(({ name, ready, missing }) => {
      return `preset ${name}: ${ready ? 'ready' : `lacks ${missing.join(', ')}`}`
    }),
    `${path}: ${ok ? 'fits' : 'does not fit, see above'}`,
  ]
}
