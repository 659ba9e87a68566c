// `dreamgraph worker`: runs jobs of a server on another machine.
import { homedir, hostname } from 'node:os'
import { join, resolve } from 'node:path'
import type { QuantizeScheme } from '@dreamgraph/dreamo'
import { Command, Option } from 'commander'
import { cancelOnSignals } from '../cancel.js'
import { CliError } from '../errors.js'
import { type DeviceChoice, deviceOption, packOption, quantizeOption } from '../options.js'

interface Options {
  readonly server: string
  readonly token?: string
  readonly name: string
  readonly device: DeviceChoice
  readonly quantize?: QuantizeScheme
  readonly pack: readonly string[]
}

export function workerCommand(): Command {
  return new Command('worker')
    .description('run jobs of a server on this machine')
    .addOption(new Option('--server <url>', 'where the server listens').makeOptionMandatory())
    .addOption(new Option('--token <secret>', 'a token with the scope worker').env('DREAMGRAPH_TOKEN'))
    .addOption(new Option('--name <name>', 'as the server lists it').default(`${hostname()}-${process.pid}`))
    .addOption(deviceOption())
    .addOption(quantizeOption())
    .addOption(packOption())
    .addHelpText('after', help)
    .action(work)
}

const help = `
It offers the models that are registered here (\`dreamgraph models list\`) and gets only jobs that need no others. Input
pictures come from the server, results go to it: what one worker has computed, no other computes again. One process uses
one device; start one for each GPU, and name it with CUDA_VISIBLE_DEVICES. Ctrl-C gives the running job back.

Example:
  $ dreamgraph worker --server http://studio.example:7860 --token TOKEN --device cuda
`

async function work({ server, token, name, device, quantize, pack }: Options): Promise<void> {
  if (!URL.canParse(server) || !/^https?:$/.test(new URL(server).protocol)) {
    throw new CliError('cli/usage', `--server: expected an http or https address, got ${server}`)
  }
  const home = process.env.DREAMGRAPH_HOME ?? join(homedir(), '.dreamgraph')
  const stop = cancelOnSignals(() =>
    process.stderr.write('leaving: the running job goes back … (again to quit at once)\n'),
  )
  const url = server.replace(/\/+$/, '')
  const onLog = (line: string) => process.stderr.write(`${line}\n`)
  const packs = pack.map((folder) => resolve(folder))
  // As in serve.ts: no other command waits for it.
  await (await import('@dreamgraph/server')).runWorker(
    { url, token: token ?? '', name, device, quantize, home, packs, shareResults: true, onLog },
    stop.signal,
  )
  stop.release()
}
