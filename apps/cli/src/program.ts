// The command tree. Each command is a file of its own in commands/.
import { readFileSync } from 'node:fs'
import { Command } from 'commander'
import { cacheCommand } from './commands/cache.js'
import { evalCommand } from './commands/eval.js'
import { explainCommand } from './commands/explain.js'
import { importCommand } from './commands/import.js'
import { modelsCommand } from './commands/models.js'
import { nodesCommand } from './commands/nodes.js'
import { runCommand } from './commands/run.js'
import { serveCommand } from './commands/serve.js'
import { trainCommand } from './commands/train.js'
import { upgradeCommand } from './commands/upgrade.js'
import { validateCommand } from './commands/validate.js'
import { verifyCommand } from './commands/verify.js'
import { workerCommand } from './commands/worker.js'

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }

export function buildProgram(): Command {
  const program = new Command('dreamgraph')
    .description('Makes pictures with DreamO on FLUX by running saved workflows, and trains it.')
    .version(version, '--version', 'print the version')
    .helpOption('-h, --help', 'print help; `dreamgraph COMMAND --help` tells more about a command')
    .configureHelp({ sortSubcommands: false })
    .addHelpText('after', helpAfter)
  const commands = [
    runCommand(),
    serveCommand(),
    workerCommand(),
    validateCommand(),
    explainCommand(),
    verifyCommand(),
    upgradeCommand(),
    importCommand(),
    trainCommand(),
    evalCommand(),
    nodesCommand(),
    modelsCommand(),
    cacheCommand(),
  ]
  for (const command of commands) program.addCommand(command)
  for (const command of withSubcommands(program))
    command.exitOverride().showHelpAfterError('(--help tells what there is)')
  return program
}

function withSubcommands(command: Command): Command[] {
  return [command, ...command.commands.flatMap(withSubcommands)]
}

const helpAfter = `
Exit codes: 0 done · 1 failed while running · 2 invalid input · 130 cancelled
Files: models and cache live in ~/.dreamgraph, or in the folder that DREAMGRAPH_HOME names.

Examples:
  $ dreamgraph models make-random /tmp/tiny            a tiny model to try things with
  $ dreamgraph run examples/workflows/text-only.json --input model=/tmp/tiny
  $ dreamgraph serve                                   the editor and the HTTP interface
  $ dreamgraph validate my-flow.json                   every error of a workflow at once
  $ dreamgraph nodes dreamo/sample                     what a node does and takes
  $ dreamgraph import comfy.json -o my-flow.json       a workflow or picture of ComfyUI
  $ dreamgraph train train.json                        learn from pictures of your own
  $ dreamgraph eval --model models/mini               how much of what it is asked for it paints right
  $ dreamgraph verify out/picture.png                  does it still come out the same?
`
