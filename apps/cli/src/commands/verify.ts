// `dreamgraph verify`: does a saved picture still come out the same?
import { Command, Option } from 'commander'
import { cancelOnSignals } from '../cancel.js'
import { exitCodes } from '../exit-codes.js'
import { deviceOption, inputOption, jsonOption, packOption } from '../options.js'
import { printJson } from '../progress/json-lines.js'
import { type VerifyOptions, verifyPicture } from '../verify-picture.js'

type Options = Pick<VerifyOptions, 'device' | 'input' | 'from' | 'pack'> & { readonly json?: boolean }

export function verifyCommand(): Command {
  return new Command('verify')
    .description('run the workflow in a picture again and compare: models first, then pixels')
    .argument('<picture>', 'PNG saved by a workflow')
    .addOption(inputOption())
    .addOption(new Option('--from <folder...>', 'more folders to look for files in').default([], 'none'))
    .addOption(deviceOption())
    .addOption(packOption())
    .addOption(jsonOption('print one JSON object {picture, reproduces, differences}'))
    .addHelpText('after', examples)
    .action(verify)
}

const examples = `
A PNG saved by a workflow carries the workflow, its inputs and a hash of every model file. Relative paths in it are
looked for where the command runs, beside the picture, and in the folders of --from. --input replaces a recorded value.
The same pixels are promised for the same device and the same version of dreamgraph.

Exit code 0: it reproduces. 1: it does not; what differs is listed. 2: there is nothing to verify.

Examples:
  $ dreamgraph verify out/two-subjects.png --from examples/workflows
  $ dreamgraph verify out/text-only.png --input model=/mnt/models/FLUX.1-dev
`

async function verify(picture: string, { json, ...options }: Options): Promise<void> {
  const note = (line: string): void => void process.stderr.write(`${line}\n`)
  const cancellation = cancelOnSignals(() => note('cancelling … (again to quit at once)'))
  try {
    const onNote = json ? () => {} : note
    const verdict = await verifyPicture(picture, { ...options, onNote, signal: cancellation.signal })
    if (json) printJson(verdict)
    else {
      for (const difference of verdict.differences) process.stdout.write(`${difference}\n`)
      process.stdout.write(`${picture}: ${verdict.reproduces ? 'reproduces' : 'does not reproduce'}\n`)
    }
    if (!verdict.reproduces) process.exitCode = exitCodes.failed
  } finally {
    cancellation.release()
  }
}
