// `dreamgraph models check`: what a model folder or file holds, and whether its parts fit.
import { Command } from 'commander'
import { withWorkbench } from '../bench.js'
import { exitCodes } from '../exit-codes.js'
import { checkModel, type ModelReport, type PartReport } from '../model-check.js'
import { jsonOption } from '../options.js'
import { printJson } from '../progress/json-lines.js'
import { columns } from '../table.js'

export function modelsCheckCommand(): Command {
  return new Command('check')
    .description('say for every part of a model whether it is there and fits')
    .argument('<name-or-path>', 'a name from `models list`, a model folder, or one .safetensors file')
    .addOption(jsonOption('print one JSON object {path, ok, parts, loras, presets}'))
    .addHelpText('after', examples)
    .action(check)
}

const examples = `
Exit code 0: everything that is needed is there and fits. 2: something is missing or does not fit.

Examples:
  $ dreamgraph models check /models/FLUX.1-dev
  $ dreamgraph models check my-style-lora.safetensors
`

async function check(nameOrPath: string, { json }: { json?: boolean }): Promise<void> {
  const path = await withWorkbench({}, async ({ models }) => (await models.find(nameOrPath)) ?? nameOrPath)
  const report = await checkModel(path)
  if (json) printJson(report)
  else for (const line of describe(report)) process.stdout.write(`${line}\n`)
  if (!report.ok) process.exitCode = exitCodes.invalidInput
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
