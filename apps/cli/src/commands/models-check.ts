// `dreamgraph models check`: what a model folder or file holds, and whether its parts fit.
import type { ModelEntry } from '@dreamgraph/nodes'
import { Command } from 'commander'
import { withWorkbench } from '../bench.js'
import { CliError } from '../errors.js'
import { exitCodes } from '../exit-codes.js'
import { checkModel, type ModelReport, type PartReport } from '../model-check.js'
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
  const reports =
    nameOrPath === undefined
      ? await Promise.all(Object.values(models).flatMap(pathsOf).map(checkOrMiss))
      : [await checkModel(models[nameOrPath]?.folder ?? nameOrPath)]
  for (const [i, report] of reports.entries()) {
    if (json) printJson(report)
    else for (const line of [...(i > 0 ? [''] : []), ...describe(report)]) process.stdout.write(`${line}\n`)
  }
  if (!reports.every(({ ok }) => ok)) process.exitCode = exitCodes.invalidInput
}

/** The folder of a named model, or the single files that take the place of one. */
const pathsOf = ({ folder, transformer, vae, textEncoder, textEncoder2 }: ModelEntry): string[] =>
  folder ? [folder] : [transformer, vae, textEncoder, textEncoder2].flatMap((path) => path ?? [])

/** A name whose files are gone is one finding among others. */
async function checkOrMiss(path: string): Promise<ModelReport> {
  try {
    return await checkModel(path)
  } catch (error) {
    if (!(error instanceof CliError)) throw error
    return {
      path,
      ok: false,
      parts: [{ part: 'model', path, state: 'absent', detail: 'not there' }],
      loras: [],
      presets: [],
    }
  }
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
